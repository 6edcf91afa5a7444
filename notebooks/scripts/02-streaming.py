# Cut from 02-streaming.ipynb, which explains it: change it there.
"""Stream an answer to the terminal.

Reads AZURE_INFERENCE_ENDPOINT and AZURE_INFERENCE_CREDENTIAL; AZURE_INFERENCE_MODEL names
another model.
"""

import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError


def stream_answer(client, messages) -> str | None:
    """Print the deltas as they come; return the finish reason, None if none came."""
    finish_reason = None
    with client.complete(messages=messages, stream=True) as stream:
        for update in stream:
            for choice in update.choices[:1]:
                text = choice.delta and choice.delta.content
                print(text or "", end="", flush=True)
                finish_reason = choice.finish_reason or finish_reason
    print()
    return finish_reason


def main() -> None:
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
        api_version=os.environ.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview"),
    ) as client:
        messages = [
            SystemMessage("You are a helpful assistant."),
            UserMessage("How many languages are in the world?"),
        ]
        finish_reason = stream_answer(client, messages)
    if finish_reason is None:
        print("[The stream was lost: this is not the whole answer.]")
    elif finish_reason != "stop":
        print("[The answer was cut off.]")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\n[Stopped.]")
    except AzureError as error:
        reason = str(error).partition("\n")[0]
        sys.exit(f"\n[No answer, or not all of it: {reason}]")
    except ValueError as error:
        sys.exit(f"\n[The server does not stream as Azure does: {error}]")
