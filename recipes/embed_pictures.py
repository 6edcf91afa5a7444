"""Turn a picture into a vector, as texts are: their vectors can be compared, to search photographs by words."""

import os
import sys

from azure.ai.inference import EmbeddingsClient, ImageEmbeddingsClient
from azure.ai.inference.models import ImageEmbeddingInput
from azure.core.credentials import AzureKeyCredential

PICTURE = sys.argv[1] if len(sys.argv) > 1 else "notebooks/media/chart.png"
MODEL = os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "Cohere-embed-v3-english")  # one that sees

endpoint = os.environ["AZURE_INFERENCE_ENDPOINT"]
credential = AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"])

client = ImageEmbeddingsClient(endpoint, credential, model=MODEL)
picture = ImageEmbeddingInput.load(image_file=PICTURE, image_format=PICTURE.rpartition(".")[2])
(seen,) = client.embed(input=[picture]).data

texts = ["a chart with bars", "a dog on a beach"]
found = EmbeddingsClient(endpoint, credential, model=MODEL).embed(input=texts).data
for text, item in zip(texts, found, strict=True):
    pairs = zip(map(float, seen.embedding), map(float, item.embedding), strict=True)
    print(f"{sum(a * b for a, b in pairs):.2f} {text}")
