"""Search by meaning (semantic search): the nearest of your texts to a question, even when they share no word."""

import os

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

NOTES = [
    "Dogs are welcome if they stay off the beds.",
    "The password of the wireless network is on the back of the door.",
    "Cars are parked behind the barn, free of charge.",
    "The doctor in the valley sees patients until noon.",
]

client = EmbeddingsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small"),
)


def vectors(texts: list[str]) -> list[list[float]]:
    items = sorted(client.embed(input=texts).data, key=lambda item: item.index)
    return [item.embedding for item in items if isinstance(item.embedding, list)]


def similarity(one: list[float], other: list[float]) -> float:
    """The cosine. Of vectors of length 1, as OpenAI's models give, it is no more than this."""
    return sum(a * b for a, b in zip(one, other, strict=True))


library = vectors(NOTES)  # once; keep them beside the texts
for question in ("May I bring my puppy?", "How do I get online?"):
    (asked,) = vectors([question])
    score, note = max(zip((similarity(asked, each) for each in library), NOTES, strict=True))
    print(f"{question}\n  {score:.2f} {note}")
