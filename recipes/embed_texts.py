"""Turn texts into vectors (embeddings): many in one call, and back in the order of their index."""

import os

from azure.ai.inference import EmbeddingsClient
from azure.core.credentials import AzureKeyCredential

client = EmbeddingsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small"),
)

texts = ["Dogs are welcome if they stay off the beds.", "May I bring my puppy?"]
response = client.embed(input=texts)
for item in sorted(response.data, key=lambda item: item.index):
    print(f"{len(item.embedding)} numbers for {texts[item.index]!r}")
print(response.usage.total_tokens, "tokens")
