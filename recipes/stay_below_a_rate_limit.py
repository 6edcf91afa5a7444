"""Stay below a rate limit: one call every 60/limit seconds, instead of a burst that is refused and repeated."""

import os
import time
from collections.abc import Iterator

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

CALLS_A_MINUTE = 60

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)


def paced(items: list[str]) -> Iterator[str]:
    """The items, none sooner than its turn; the time that the work takes is not waited again."""
    start = time.monotonic()
    for place, item in enumerate(items):
        time.sleep(max(0, start + place * 60 / CALLS_A_MINUTE - time.monotonic()))
        yield item


for question in paced(["What is the capital of Austria?", "How many metres is 3 km?", "What is 6 * 7?"]):
    response = client.complete(messages=[UserMessage(question)])
    print(f"{question} {response.choices[0].message.content}")
