# Cut from 03-parameters.ipynb, which explains it: change it there.
"""Ask a question and mark the tokens that the model was not sure of.

Needs: pip install azure-ai-inference
Set: AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL, and AZURE_INFERENCE_MODEL if you like
"""

import json
import math
import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError

MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407")
QUESTION = "How many languages are in the world?"
SURE = 0.8


def explain(error):
    """One line for each thing that a refused request was refused for."""
    try:
        body = error.response.json()
        told = body.get("error", body)
        message = told.get("message") or ""
        if message.startswith('{"detail"'):  # Mistral's models: JSON as text
            told = json.loads(message)
    except (AttributeError, ValueError):  # no response, or one that is not JSON
        return [error.message]
    items = told.get("details") or told.get("detail") or []
    lines = []
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict) and "loc" in item:
            where = ".".join(map(str, item["loc"]))
            lines.append(f"{where} = {item.get('input')!r}: {item.get('msg', 'not supported')}")
    return lines or [message or str(items or error.message)]


def main():
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=MODEL,
        temperature=0,
        max_tokens=400,
    ) as client:
        reply = client.complete(
            messages=[SystemMessage("Answer in two sentences."), UserMessage(QUESTION)],
            model_extras={"logprobs": True},
        )
    choice = reply.choices[0]
    tokens = (choice.get("logprobs") or {}).get("content") or []
    if not tokens:
        print("The endpoint sent no log probabilities:", choice.message.content)
    for token in tokens:
        probability = math.exp(token["logprob"])
        text, word = token["token"], token["token"].strip()
        if word and probability < SURE:
            text = text.replace(word, f"[{word} {probability:.0%}]")
        print(text, end="")
    total = reply.usage.total_tokens if reply.usage else "unknown"
    print(f"\n({choice.get('finish_reason')}, tokens: {total})")


try:
    main()
except HttpResponseError as error:
    sys.exit("\n  ".join([f"Refused with {error.status_code}:", *explain(error)]))
except AzureError as error:
    sys.exit(f"No answer: {error}")
