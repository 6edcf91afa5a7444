# Cut from 09-embeddings.ipynb, which explains it: change it there.
"""Find the texts that are nearest to a question.

Needs: pip install azure-ai-inference
Set: AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL,
     and if you like AZURE_INFERENCE_EMBEDDING_MODEL and QUESTION
"""

import base64
import os
import struct
import sys
from math import hypot

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

MODEL = os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small")
QUESTION = os.environ.get("QUESTION", "My head hurts badly, what can I take?")
TEXTS = [
    "Many migraines start with too little water; a dark room and a painkiller often help.",
    "Turn off the water and replace the worn washer, and the tap stops dripping.",
    "If your flight is cancelled, the airline must offer another one or your money back.",
    "Squeaking brakes on a bike often come from dirty rims; wipe them with alcohol.",
    "Mix flour, water, salt and yeast, let the dough rise and bake it in a hot oven.",
]
BATCH = 96  # texts in one call; the limit is the model's
BEST = 2


def unpack(packed: str) -> tuple[float, ...]:
    """A vector from its base64: little-endian numbers of four bytes."""
    data = base64.b64decode(packed)
    return struct.unpack(f"<{len(data) // 4}f", data)


def vectors_of(client: EmbeddingsClient, texts: list[str]) -> list[tuple[float, ...]]:
    """The vectors of the texts, in their order."""
    vectors = []
    for start in range(0, len(texts), BATCH):
        answer = client.embed(input=texts[start : start + BATCH], encoding_format="base64")
        items = sorted(answer.data, key=lambda item: item.index)
        vectors += [unpack(str(item.embedding)) for item in items]
    return vectors


def likeness(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The cosine of two vectors of any length."""
    return sum(a * b for a, b in zip(one, other, strict=True)) / (hypot(*one) * hypot(*other))


def main() -> None:
    with EmbeddingsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=MODEL,
    ) as client:
        question, *texts = vectors_of(client, [QUESTION, *TEXTS])
    scores = [likeness(question, vector) for vector in texts]
    ranking = sorted(zip(scores, TEXTS, strict=True), reverse=True)
    print(QUESTION)
    for score, text in ranking[:BEST]:
        print(f"{score:.2f}  {text}")


try:
    main()
except AzureError as error:
    sys.exit(f"No vectors: {error}")
