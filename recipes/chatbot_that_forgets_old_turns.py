"""A chatbot that forgets old turns: when a conversation outgrows the model's context, or your budget."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, ChatRequestMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

KEPT = 2  # turns, of a question and an answer each

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)
instructions = SystemMessage("Answer in one sentence.")
turns: list[list[ChatRequestMessage]] = []


def chat(text: str) -> str:
    """The answer to `text`, in the light of the last few turns."""
    question = UserMessage(text)
    recent = [message for turn in turns[-KEPT:] for message in turn]  # whole turns; the system prompt always stays
    response = client.complete(messages=[instructions, *recent, question])
    answer = response.choices[0].message.content or ""
    turns.append([question, AssistantMessage(answer)])
    print(f"> {text}\n{answer} ({response.usage.prompt_tokens} tokens of prompt)")
    return answer


for text in ("My name is Ada.", "What is my name?", "What is 6 * 7?", "How many metres is 3 km?", "What is my name?"):
    chat(text)
