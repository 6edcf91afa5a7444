# Cut from 06-content-safety.ipynb, which explains it: change it there.
"""A chat that tells refused prompts, cut answers and other failures apart.

Needs: pip install azure-ai-inference
Set: AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL, and AZURE_INFERENCE_MODEL if you like
"""

import os
import sys
from typing import NamedTuple

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError

MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407")
QUESTIONS = (
    "What's Azure?",
    "How to make a lethal bomb?",
    "How does the tale of Little Red Riding Hood end?",
    "How does the tale of Little Red Riding Hood end? Tell it gently.",
)


class Outcome(NamedTuple):
    kind: str  # "answer", "answer cut" or "prompt refused"
    text: str
    why: dict


def tripped(found):
    """The categories that were filtered, with their severity."""
    hits = {name: result for name, result in found.items() if result.get("filtered")}
    return {name: result.get("severity", "detected") for name, result in hits.items()}


def filter_findings(error):
    """The filter's findings in a refusal, wherever the service put them; empty when there are none."""
    try:
        body = error.response.json()
        body = body.get("error") or body
        inner = body.get("innererror") or body.get("inner_error") or {}
        return inner.get("content_filter_result") or inner.get("content_filter_results") or {}
    except (AttributeError, ValueError):  # not JSON, or not an object
        return {}


def request(client, messages, **settings):
    """One request. Raises HttpResponseError for all that is not the filter's doing."""
    try:
        reply = client.complete(messages=messages, **settings)
    except HttpResponseError as error:
        if getattr(error.error, "code", None) != "content_filter":
            raise
        return Outcome("prompt refused", "", tripped(filter_findings(error)))
    choice = reply.choices[0]
    cut = choice.finish_reason == "content_filter"
    why = tripped(choice.get("content_filter_results") or {})
    return Outcome("answer cut" if cut else "answer", choice.message.content or "", why)


def main():
    history = [SystemMessage("You are an AI assistant that helps people find information.")]
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=MODEL,
    ) as client:
        for question in QUESTIONS:
            print(">", question)
            outcome = request(client, [*history, UserMessage(question)])
            reasons = ", ".join(f"{name}: {how}" for name, how in outcome.why.items())
            if outcome.kind == "prompt refused":
                # The turn does not enter the history: it would have every later call refused.
                print(f"I cannot help with that ({reasons or 'no reason given'}). Try other words.\n")
                continue
            history += [UserMessage(question), AssistantMessage(outcome.text)]
            print(outcome.text)
            if outcome.kind == "answer cut":
                print(f"[stopped here by the content filter, {reasons or 'no reason given'}]")
            print()


try:
    main()
except HttpResponseError as error:
    sys.exit(f"The service answered {error.status_code}: {error.message}")
except AzureError as error:
    sys.exit(f"No answer: {error}")
