"""A chat in the terminal that streams and remembers: to try a deployment out by hand. An empty line ends it."""

import os
from contextlib import suppress

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, ChatRequestMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)
history: list[ChatRequestMessage] = [SystemMessage("You are a helpful assistant. Answer in one sentence.")]


def answer(text: str) -> str:
    """The whole answer, printed while it comes."""
    whole = ""
    for update in client.complete(messages=[*history, UserMessage(text)], stream=True):
        for choice in update.choices:
            if choice.delta and choice.delta.content:
                print(choice.delta.content, end="", flush=True)
                whole += choice.delta.content
    print()
    return whole


with suppress(EOFError, KeyboardInterrupt):  # Ctrl-D and Ctrl-C end it too
    while text := input("> ").strip():
        try:
            said = answer(text)
        except HttpResponseError as error:  # a filtered prompt, a limit: the conversation goes on without this turn
            print(f"[{error.status_code}: {error.message.partition(chr(10))[0]}]")
        else:
            history += [UserMessage(text), AssistantMessage(said)]
