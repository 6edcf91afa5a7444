# Cut from 01-basics.ipynb, which explains it: change it there.
"""Ask a chat model two questions, the second of which needs the first.

Reads AZURE_INFERENCE_ENDPOINT, and AZURE_INFERENCE_CREDENTIAL for a key; without a key
it signs in with Entra ID. AZURE_INFERENCE_MODEL names another model.
"""

import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.identity import DefaultAzureCredential

QUESTIONS = [
    "How many languages are in the world?",
    "And how many of them in Europe?",
]


def make_client() -> ChatCompletionsClient:
    key = os.environ.get("AZURE_INFERENCE_CREDENTIAL")
    return ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(key) if key else DefaultAzureCredential(),
        credential_scopes=["https://cognitiveservices.azure.com/.default"],
        model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
        api_version=os.environ.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview"),
    )


def ask(client: ChatCompletionsClient, history: list, text: str) -> str:
    """Ask in the light of the history, and add question and answer to it."""
    response = client.complete(messages=[*history, UserMessage(text)])
    choice = response.choices[0]
    answer = choice.message.content or ""
    history += [UserMessage(text), AssistantMessage(answer)]
    return answer if choice.finish_reason == "stop" else f"{answer} [cut off]"


def main() -> None:
    history: list = [SystemMessage("You are a helpful assistant.")]
    with make_client() as client:
        for text in QUESTIONS:
            print(f"> {text}\n{ask(client, history, text)}\n")


if __name__ == "__main__":
    try:
        main()
    except HttpResponseError as error:
        reason = str(error).partition("\n")[0]
        sys.exit(f"The service refused: {reason}")
    except AzureError as error:
        sys.exit(f"No answer from the service: {error}")
