"""Detect a truncated answer by its finish reason: before you parse it, store it or show it as if it were whole."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

WHY = {
    "stop": "whole",
    "length": "cut off by max_tokens, or by the model's own limit",
    "content_filter": "cut off by the content filter",
    "tool_calls": "not an answer yet: the model wants tools to be called",
}

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

for limit in (10, 100):
    response = client.complete(messages=[UserMessage("How many languages are in the world?")], max_tokens=limit)
    choice = response.choices[0]
    print(f"max_tokens={limit}: {WHY[choice['finish_reason']]}")
    print(choice.message.content)
