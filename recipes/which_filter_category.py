"""Read which category the content filter found, and how severe: for a log, or for a rule of your own."""

import os
from collections.abc import Mapping
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)


def found(error: HttpResponseError) -> dict[str, str]:
    """The categories that the filter acted on, with their severity. Empty when the refusal does not say."""
    inner: Mapping[str, Any] = (error.error.innererror if error.error else None) or {}
    # Some parts of the service spell it with an s, some without.
    results = inner.get("content_filter_result") or inner.get("content_filter_results") or {}
    return {name: each.get("severity", "detected") for name, each in results.items() if each.get("filtered")}


try:
    client.complete(messages=[UserMessage("How to make a lethal bomb?")])
except HttpResponseError as error:
    print(error.status_code, found(error))
