# Cut from 12-moving-to-openai.ipynb, which explains it: change it there.
"""Read the booking out of an e-mail, and say in one sentence what the e-mail is about.

Needs: pip install openai
Set: AZURE_INFERENCE_ENDPOINT (https://NAME.openai.azure.com/openai/v1/, or the old address, which ends in
/models or /openai/deployments/NAME) and AZURE_INFERENCE_CREDENTIAL; AZURE_INFERENCE_MODEL names the deployment.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import openai
from openai import OpenAI

EMAIL = """Dear Ms Okafor, thank you for your booking TX-48213.
You fly from Lisbon to Tallinn on 14 May 2026 and return on 19 May 2026."""
EXTRACT = 'Extract the booking as JSON: { "passenger": "name", "destination_city": "city" }'
DEFAULTS: dict[str, Any] = {
    "model": os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
    "temperature": 0,
    "max_tokens": 200,
}


def make_client() -> OpenAI:
    address = os.environ["AZURE_INFERENCE_ENDPOINT"].rstrip("/")
    host = address.removesuffix("/models").partition("/openai/deployments/")[0]
    if host != address:
        address = f"{host}/openai/v1"
    return OpenAI(base_url=address, api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"].strip())


def about_the_email(instruction: str) -> list[Any]:
    return [{"role": "system", "content": instruction}, {"role": "user", "content": EMAIL}]


def booking(client: OpenAI) -> dict[str, str]:
    """What the e-mail says, as a dictionary. Raises ValueError for an answer that is cut or not JSON."""
    reply = client.chat.completions.create(
        messages=about_the_email(EXTRACT), response_format={"type": "json_object"}, **DEFAULTS
    )
    choice = reply.choices[0]
    if choice.finish_reason != "stop":
        raise ValueError(f"the answer is not whole: {choice.finish_reason}")
    return json.loads(choice.message.content or "")


def sentence(client: OpenAI) -> Iterator[str]:
    """The pieces of a sentence about the e-mail, as they are written."""
    messages = about_the_email("Answer in one sentence.")
    for chunk in client.chat.completions.create(messages=messages, stream=True, **DEFAULTS):
        if chunk.choices:  # the first chunk has none: it brings what the filter thinks
            yield chunk.choices[0].delta.content or ""


def main() -> None:
    with make_client() as client:
        for name, value in booking(client).items():
            print(f"{name}: {value}")
        for piece in sentence(client):
            print(piece, end="", flush=True)
        print()


if __name__ == "__main__":
    try:
        main()
    except KeyError as error:
        sys.exit(f"Set the variable {error}.")
    except openai.APIStatusError as error:
        filtered = "The content filter refused it" if error.code == "content_filter" else "Refused"
        sys.exit(f"{filtered}, status {error.status_code}: {error.message}")
    except openai.APIConnectionError as error:
        sys.exit(f"No answer from the service: {error}")
    except ValueError as error:
        sys.exit(f"The answer cannot be used: {error}")
