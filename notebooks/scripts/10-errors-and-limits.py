# Cut from 10-errors-and-limits.ipynb, which explains it: change it there.
"""Ask a question, come what may: an answer, or one plain sentence why there is none.

Reads AZURE_INFERENCE_ENDPOINT and AZURE_INFERENCE_CREDENTIAL; AZURE_INFERENCE_MODEL names another model.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatCompletions, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError

PATIENCE = 20.0  # seconds that all waits together may take
ATTEMPTS = 5
PASSING = {408, 429, 500, 502, 503, 504}  # statuses that may go away by themselves


class NoAnswerError(Exception):
    """Why there is no answer, in a sentence for people."""


def parsed(text: str) -> dict[str, Any]:
    """The JSON object that a text is, or an empty one."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):  # HTML from a gateway, a plain sentence, nothing
        return {}
    return found if isinstance(found, dict) else {}


def reason(error: HttpResponseError) -> str:
    """What a refusal says, whatever the shape of its body."""
    body = parsed(error.response.text()) if error.response else {}
    inner = body.get("error", body)
    fields = inner if isinstance(inner, dict) else {}
    inside = parsed(fields.get("message", ""))  # Mistral's models: JSON as the text of the message
    text = "" if inside else fields.get("message") or error.message.partition("\n")[0]
    text = f"{fields.get('code') or error.status_code}: {text}"
    listed = inside.get("detail") or fields.get("details") or body.get("detail")
    for item in listed if isinstance(listed, list) else [listed]:
        if isinstance(item, dict) and "loc" in item:
            text += f" [{'.'.join(map(str, item['loc']))}: {item.get('msg', 'not supported')}]"
    return text


def told_to_wait(error: AzureError) -> float | None:
    """The seconds that Retry-After asks for, as a number or as a date; None without it."""
    response = getattr(error, "response", None)
    told = response.headers.get("Retry-After") if response is not None else None
    if not told:
        return None
    try:
        return float(told)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds(), 0.0)
    except ValueError:
        return None


def whole(reply: ChatCompletions) -> str:
    """The text of an answer that was not cut. Raises NoAnswerError for half of one."""
    choice = reply.choices[0]
    if choice.get("finish_reason") in ("length", "content_filter"):
        raise NoAnswerError(f"The answer is not whole: it was ended by {choice.get('finish_reason')}.")
    return choice.message.content or ""


def ask(
    client: ChatCompletionsClient,
    messages: list,
    *,
    uniform: Callable[[float, float], float] = random.uniform,
    **options,
) -> str:
    """The text of the answer. Raises NoAnswerError.

    Tried again: a request that reached nobody, and statuses that pass. Not tried again: what was received and came
    too late, since that would be paid for twice. The waits double, and a part of each is random (jitter), so that many
    callers do not come back in the same moment; a test hands in a `uniform` with a seed.
    """
    waited, pause, attempt = 0.0, 0.5, 1
    while True:
        try:
            return whole(client.complete(messages=messages, retry_total=0, **options))
        except ValueError as error:
            raise NoAnswerError(f"What came back is not the API's: is the endpoint right? ({error})") from error
        except AzureError as error:
            said = reason(error) if isinstance(error, HttpResponseError) else str(error)
            passing = isinstance(error, ServiceRequestError) or getattr(error, "status_code", 0) in PASSING
            told = told_to_wait(error)
            wait = pause * uniform(0.5, 1) if told is None else told + uniform(0, 0.5)
            if not passing or attempt == ATTEMPTS or waited + wait > PATIENCE:
                raise NoAnswerError(f"No answer at attempt {attempt}. {said}") from error
        time.sleep(wait)
        waited, pause, attempt = waited + wait, pause * 2, attempt + 1


def main() -> None:
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
        api_version=os.environ.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview"),
        read_timeout=60,
    ) as client:
        print(ask(client, [UserMessage("How many languages are in the world?")]))


if __name__ == "__main__":
    try:
        main()
    except NoAnswerError as error:
        sys.exit(str(error))
