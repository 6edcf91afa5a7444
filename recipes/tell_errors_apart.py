"""Tell errors apart: refused, not reached, or too late, each with what to do about it."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

WHAT_NOW = {
    400: "the request is wrong (the code says how): change it",
    401: "the key is wrong, or of another resource: sign in",
    403: "you may not: ask for the role",
    404: "no such address or deployment: look at the endpoint, then at the model's name",
    422: "a parameter that this model does not take: leave it out",
    429: "too many requests or tokens: wait, as long as Retry-After says",
}


def why_not(model: str) -> str:
    """What became of a call, in a sentence for people."""
    client = ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=model,
        retry_total=0,
        read_timeout=60,
    )
    try:
        client.complete(messages=[UserMessage("How many metres is 3 km?")])
    except HttpResponseError as error:
        status = error.status_code or 0
        code = error.error.code if error.error else "no code"  # the service's own word for it
        return f"{status} ({code}): {WHAT_NOW.get(status, 'the service has trouble: try again')}"
    except ServiceRequestError:
        return "not reached: look at the address and the network"  # nothing was done: try again
    except ServiceResponseTimeoutError:
        return "too late: it may have been done, and will be paid for"
    except ServiceResponseError:
        return "the connection was lost on the way back"
    return "an answer"


for model in (os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"), "no-such-model"):
    print(f"{model}: {why_not(model)}")
