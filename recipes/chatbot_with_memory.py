"""A chatbot that remembers: the model keeps nothing, so every call sends the whole conversation again."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, ChatRequestMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)
history: list[ChatRequestMessage] = [SystemMessage("You are a helpful assistant. Answer in one sentence.")]


def chat(text: str) -> str:
    """The answer to `text`, in the light of all that was said before."""
    response = client.complete(messages=[*history, UserMessage(text)])
    answer = response.choices[0].message.content or ""
    history.extend([UserMessage(text), AssistantMessage(answer)])  # only now: a failed call leaves no trace
    return answer


for question in ("How many languages are in the world?", "And how many of them in Europe?"):
    print(f"> {question}\n{chat(question)}")
