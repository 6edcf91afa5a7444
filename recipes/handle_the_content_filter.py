"""Handle the content filter: a refused prompt is an error 400, a cut answer is a finish reason."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)


def ask(text: str) -> str:
    try:
        choice = client.complete(messages=[UserMessage(text)]).choices[0]
    except HttpResponseError as error:
        if error.error is None or error.error.code != "content_filter":
            raise
        return "[I cannot help with that. Please put it in other words.]"  # and keep the prompt out of the history
    if choice.finish_reason == "content_filter":
        return f"{choice.message.content or ''} [The rest was held back by the content filter.]"
    return choice.message.content or ""


for text in ("What's Azure?", "How to make a lethal bomb?", "How does the tale of Little Red Riding Hood end?"):
    print(f"> {text}\n{ask(text)}")
