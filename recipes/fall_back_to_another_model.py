"""Fall back to another model: when the first is busy or broken, an answer from the second is better than none."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

MODELS = ["gpt-4o", "mistral-large-2407"]  # put in yours, the best first: each has a limit of its own
BUSY_OR_BROKEN = {429, 500, 502, 503, 504}

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    retry_total=0,  # do not wait for the first while the second is free
    read_timeout=30,  # nor five minutes for one that hangs
)


def ask(text: str) -> str:
    for model in MODELS:
        try:
            response = client.complete(messages=[UserMessage(text)], model=model)
        except (ServiceRequestError, ServiceResponseError) as error:
            print(f"[{model}: {type(error).__name__}]")
        except HttpResponseError as error:
            if error.status_code not in BUSY_OR_BROKEN:
                raise  # a wrong request is wrong for every model
            print(f"[{model}: {error.status_code}]")
        else:
            return f"{response.choices[0].message.content} ({response.model})"
    raise RuntimeError("no model answered")


print(ask("How many metres is 3 km?"))
