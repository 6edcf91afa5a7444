"""Read what is left of the rate limit: in the headers of every answer, where the service sends them."""

import os
from collections.abc import Mapping

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import PipelineResponse

left: dict[str, str] = {}


def note(response: PipelineResponse) -> None:
    headers: Mapping[str, str] = response.http_response.headers
    left.update({name: value for name, value in headers.items() if name.startswith("x-ratelimit-remaining")})


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    raw_response_hook=note,  # is called for every answer, refusals included
)

client.complete(messages=[UserMessage("How many metres is 3 km?")])
for name in sorted(left):
    print(f"{name}: {left[name]}")
