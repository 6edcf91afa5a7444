"""Stream an answer, printed while it is written: for everything that a person waits for."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

finish_reason = None
for update in client.complete(messages=[UserMessage("How many languages are in the world?")], stream=True):
    for choice in update.choices:  # none in an update that brings only token counts
        print((choice.delta and choice.delta.content) or "", end="", flush=True)
        finish_reason = choice.finish_reason or finish_reason
print()
if finish_reason != "stop":  # None: the connection was lost; "length": cut off by a limit
    print(f"[This is not the whole answer: {finish_reason}]")
