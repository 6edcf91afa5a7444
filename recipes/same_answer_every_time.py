"""Get the same answer every time, as far as that can be had: temperature 0 and a seed, for tests."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)


def ask(temperature: float, seed: int | None) -> str:
    response = client.complete(
        messages=[UserMessage("How many languages are in the world?")],
        temperature=temperature,
        seed=seed,
        max_tokens=30,
    )
    return response.choices[0].message.content or ""


for temperature, seed in ((0, 7), (1, 7), (1, None)):  # a seed is a best effort: models are updated, machines differ
    answers = {ask(temperature, seed) for _ in range(3)}
    print(f"temperature {temperature}, seed {seed}: {len(answers)} different answer(s) in 3 calls")
