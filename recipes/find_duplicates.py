"""Find texts that say the same (duplicates, similar tickets): all pairs whose vectors are near each other."""

import os
from itertools import combinations

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

TICKETS = [
    "My parcel has not arrived.",
    "The app crashes when I press the button.",
    "The package never arrived.",
    "Please send the invoice for May again.",
]
NEAR = 0.4  # depends on the model: try it out on pairs that you know

client = EmbeddingsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small"),
)

vectors: dict[int, list[float]] = {}
for item in client.embed(input=TICKETS).data:
    assert isinstance(item.embedding, list)  # a text instead, if base64 had been asked for
    vectors[item.index] = item.embedding

for one, other in combinations(range(len(TICKETS)), 2):
    score = sum(a * b for a, b in zip(vectors[one], vectors[other], strict=True))
    if score > NEAR:
        print(f"{score:.2f} {TICKETS[one]} | {TICKETS[other]}")
