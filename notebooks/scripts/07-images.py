# Cut from 07-images.ipynb, which explains it: change it there.
# Ask one question about one picture.
#
# PICTURE: path of the picture; QUESTION: what to ask (has a default).
# AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL: where to ask, and the key.
# AZURE_INFERENCE_VISION_MODEL: a model that sees (has a default).
import base64
import io
import os
import sys
from pathlib import Path

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    ImageContentItem,
    ImageUrl,
    TextContentItem,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError
from PIL import Image, ImageOps, UnidentifiedImageError

LONG_SIDE = 1680  # pixels: five crops of 336


def prepare(path):
    """The picture as a data URL: upright, without metadata, no larger than is looked at."""
    with Image.open(path) as original:
        image = ImageOps.exif_transpose(original).convert("RGB")
    image.thumbnail((LONG_SIDE, LONG_SIDE))
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def main():
    path = os.environ["PICTURE"]
    question = os.environ.get("QUESTION", "What does this picture show?")
    try:
        url = prepare(path)
    except (OSError, UnidentifiedImageError) as error:
        print(f"{Path(path).name} cannot be used: {error}", file=sys.stderr)
        return 1
    image = ImageContentItem(image_url=ImageUrl(url=url))
    items = [TextContentItem(text=question), image]
    try:
        with ChatCompletionsClient(
            endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
            credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
            model=os.environ.get("AZURE_INFERENCE_VISION_MODEL", "Phi-3.5-vision-instruct"),
        ) as client:
            answer = client.complete(messages=[UserMessage(content=items)], max_tokens=800)
    except HttpResponseError as error:
        reason = error.message.partition("\n")[0]
        print(f"Refused, status {error.status_code}: {reason}", file=sys.stderr)
        return 1
    choice = answer.choices[0]
    print(choice.message.content or f"No answer: {choice['finish_reason']}")
    if answer.usage:
        print(f"[{answer.usage.prompt_tokens:,} + {answer.usage.completion_tokens:,} tokens]")
    return 0


if status := main():
    sys.exit(status)
