"""Ask about an image in a file (vision): it travels inside the request, as a data URL. Needs a model that sees."""

import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ImageContentItem, ImageUrl, TextContentItem, UserMessage
from azure.core.credentials import AzureKeyCredential

PICTURE = sys.argv[1] if len(sys.argv) > 1 else "notebooks/media/chart.png"

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_VISION_MODEL", "gpt-4o"),
)

# Of a picture on the web the address will do: ImageUrl(url="https://...")
picture = ImageUrl.load(image_file=PICTURE, image_format=PICTURE.rpartition(".")[2])
question = UserMessage([TextContentItem(text="What does this picture show?"), ImageContentItem(image_url=picture)])
response = client.complete(messages=[question])
print(response.choices[0].message.content)
print(response.usage.prompt_tokens, "tokens for picture and question")
