# Cut from 00-start-here.ipynb, which explains it: change it there.
"""Ask a chat model one question.

Needs: pip install azure-ai-inference
Set: AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL, and AZURE_INFERENCE_MODEL if you like
"""

import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError


def main() -> None:
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
    ) as client:
        response = client.complete(messages=[UserMessage("How many languages are in the world?")])
    print(response.choices[0].message.content)


if __name__ == "__main__":
    try:
        main()
    except KeyError as error:
        sys.exit(f"Set the environment variable {error.args[0]} first.")
    except AzureError as error:
        sys.exit(f"No answer: {error.message}")
