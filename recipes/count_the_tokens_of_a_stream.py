"""Count the tokens of a stream: OpenAI's models tell them only when asked to, in a last update without choices."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

usage = None
for update in client.complete(
    messages=[UserMessage("How many languages are in the world?")],
    stream=True,
    model_extras={"stream_options": {"include_usage": True}},  # the SDK has no parameter of that name
):
    for choice in update.choices:
        print((choice.delta and choice.delta.content) or "", end="", flush=True)
    usage = update.usage or usage
print()
if usage:
    print(f"{usage.prompt_tokens} + {usage.completion_tokens} = {usage.total_tokens} tokens")
