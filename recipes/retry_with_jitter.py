"""Retry with exponential backoff and jitter: for 429 and 5xx, so that many callers do not come back all at once."""

import os
import random
import time

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatCompletions, ChatRequestMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

ATTEMPTS = 5
FIRST_WAIT = 0.5  # seconds; doubled each time
WORTH_ANOTHER_TRY = {408, 429, 500, 502, 503, 504}

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    retry_total=0,  # the SDK's own retries have no jitter: one layer retries, not two
)


def complete(messages: list[ChatRequestMessage]) -> ChatCompletions:
    """The completion, after as many attempts as it takes. Raises the last error."""
    attempt = 1
    while True:
        try:
            return client.complete(messages=messages)
        except HttpResponseError as error:
            if error.status_code not in WORTH_ANOTHER_TRY or attempt == ATTEMPTS:
                raise
            told = getattr(error.response, "headers", {}).get("Retry-After", "")
            longest = FIRST_WAIT * 2 ** (attempt - 1)
            # What the service asks for is the least; without it, a random part of the backoff ("full jitter").
            wait = float(told) + random.uniform(0, 1) if told.isdecimal() else random.uniform(0, longest)
            print(f"{error.status_code}, waiting {wait:.2f} s")
            time.sleep(wait)
            attempt += 1


print(complete([UserMessage("How many languages are in the world?")]).choices[0].message.content)
