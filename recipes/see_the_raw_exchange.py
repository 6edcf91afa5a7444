"""See what goes over the wire, the JSON out and in: to compare it with the reference, or to report a bug."""

import json
import os
from urllib.parse import urlsplit

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline import PipelineResponse


def pretty(body: str) -> str:
    """JSON spread over lines. What is none, such as a proxy's error page, stays as it is."""
    try:
        return json.dumps(json.loads(body), indent=1, ensure_ascii=False)
    except ValueError:
        return body


def show(response: PipelineResponse) -> None:
    request, answer = response.http_request, response.http_response
    url = urlsplit(request.url)
    print(f"{request.method} {url.path}?{url.query} -> {answer.status_code}")
    print("sent:", pretty(request.content))
    print("received:", pretty(answer.text()))


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    raw_response_hook=show,
)

client.complete(messages=[UserMessage("How many metres is 3 km?")], temperature=0)
