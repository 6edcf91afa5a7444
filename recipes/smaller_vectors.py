"""Get smaller vectors (dimensions): a quarter of the memory, for a little less accuracy. Newer models can."""

import os

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

client = EmbeddingsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small"),
)

TEXTS = ["Dogs are welcome if they stay off the beds.", "May I bring my puppy?"]
for dimensions in (1536, 384):
    note, question = (item.embedding for item in client.embed(input=TEXTS, dimensions=dimensions).data)
    assert isinstance(note, list)
    assert isinstance(question, list)
    score = sum(a * b for a, b in zip(note, question, strict=True))
    print(f"{len(note)} numbers, {len(note) * 4:,} bytes as float32: similarity {score:.2f}")
