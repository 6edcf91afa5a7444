"""Ask about an image for less: detail low shows OpenAI's models a small version, at a fixed price in tokens."""

import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ImageContentItem, ImageDetailLevel, ImageUrl, TextContentItem, UserMessage
from azure.core.credentials import AzureKeyCredential

PICTURE = sys.argv[1] if len(sys.argv) > 1 else "notebooks/media/chart.png"

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_VISION_MODEL", "gpt-4o"),
)

for detail in (ImageDetailLevel.HIGH, ImageDetailLevel.LOW):
    picture = ImageUrl.load(image_file=PICTURE, image_format=PICTURE.rpartition(".")[2], detail=detail)
    question = UserMessage([TextContentItem(text="What does this picture show?"), ImageContentItem(image_url=picture)])
    print(f"{detail.value:5} {client.complete(messages=[question]).usage.prompt_tokens:5} tokens of prompt")
