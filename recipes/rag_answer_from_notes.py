"""Answer from your own texts (RAG, retrieval augmented generation): find the nearest, let a model read them."""

import os

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

NOTES = [
    "Dogs are welcome if they stay off the beds.",
    "The password of the wireless network is on the back of the door.",
    "Cars are parked behind the barn, free of charge.",
    "The doctor in the valley sees patients until noon.",
]
BEST = 2
RULE = "Answer only from these notes, and name the note you used, as in [2]. If they do not tell, say so.\n\n"

endpoint, key = os.environ["AZURE_INFERENCE_ENDPOINT"], AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"])
embedder = EmbeddingsClient(
    endpoint, key, model=os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small")
)
writer = ChatCompletionsClient(endpoint, key, model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"), temperature=0)


def vectors(texts: list[str]) -> list[list[float]]:
    items = sorted(embedder.embed(input=texts).data, key=lambda item: item.index)
    return [item.embedding for item in items if isinstance(item.embedding, list)]


library = vectors(NOTES)  # once; keep them beside the texts
for question in ("May I bring my puppy?", "How do I get online?", "Who painted the Mona Lisa?"):
    (asked,) = vectors([question])
    scores = [sum(a * b for a, b in zip(asked, each, strict=True)) for each in library]
    nearest = sorted(range(len(NOTES)), key=lambda place: -scores[place])[:BEST]
    found = "\n".join(f"[{place + 1}] {NOTES[place]}" for place in nearest)
    response = writer.complete(messages=[SystemMessage(RULE + found), UserMessage(question)])
    print(f"> {question}\n{response.choices[0].message.content}")
