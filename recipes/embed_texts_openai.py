"""Turn texts into vectors with the OpenAI package (embeddings): the same call, with `create`."""

import os

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

texts = ["Dogs are welcome if they stay off the beds.", "May I bring my puppy?"]
response = client.embeddings.create(
    model=os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small"),
    input=texts,
)
for item in response.data:
    print(f"{len(item.embedding)} numbers for {texts[item.index]!r}")
print(response.usage.total_tokens, "tokens")
