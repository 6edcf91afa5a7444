"""See the raw exchange, the JSON that goes out and comes in: to compare with the reference, or to report a bug."""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import PipelineResponse


def show(response: PipelineResponse) -> None:
    request, answer = response.http_request, response.http_response
    print(request.method, request.url.partition("?")[0].rpartition("/models")[2], "->", answer.status_code)
    print("sent:", json.dumps(json.loads(request.content), indent=1))
    print("received:", ", ".join(json.loads(answer.body())))


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    raw_response_hook=show,
)

client.complete(messages=[UserMessage("How many metres is 3 km?")], temperature=0)
