"""Stop at a budget: count what each call cost, and make no further call when the next one could exceed it."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

PRICE_IN, PRICE_OUT = 2.50, 10.00  # for a million tokens: put in yours
BUDGET = 0.0025
MAX_TOKENS = 100  # bounds an answer, and with it the price of the next call

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    max_tokens=MAX_TOKENS,
)

spent = largest_prompt = 0.0
for continent in ("the world", "Europe", "Asia", "Africa", "Austria"):
    if spent + largest_prompt + MAX_TOKENS * PRICE_OUT / 1_000_000 > BUDGET:
        print(f"Stopped before {continent}: {spent:.6f} of {BUDGET} is spent.")
        break
    response = client.complete(messages=[UserMessage(f"How many languages are in {continent}?")])
    prompt = response.usage.prompt_tokens * PRICE_IN / 1_000_000
    largest_prompt = max(largest_prompt, prompt)
    spent += prompt + response.usage.completion_tokens * PRICE_OUT / 1_000_000
    print(f"{spent:.6f} {response.choices[0].message.content}")
