"""Stop a stream early: when enough has been said, or somebody presses Ctrl-C. What it cost so far you are not told."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import StreamingChatCompletions, UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

stream = client.complete(messages=[UserMessage("How many languages are in the world?")], stream=True)
assert isinstance(stream, StreamingChatCompletions)  # its annotation says no more than "iterable"

text = ""
with stream:  # at the end of the block the connection is closed
    try:
        for update in stream:
            for choice in update.choices:
                if choice.delta and choice.delta.content:
                    print(choice.delta.content, end="", flush=True)
                    text += choice.delta.content
            if "." in text:
                break
    except KeyboardInterrupt:  # stops the answer, not the program
        print("…", end="")
print(f"\n{len(text)} characters")
