"""Ask about an image in a file with the OpenAI package (vision): you write the data URL yourself."""

import base64
import mimetypes
import os
import sys
from pathlib import Path

from openai import OpenAI

PICTURE = Path(sys.argv[1] if len(sys.argv) > 1 else "notebooks/media/chart.png")

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

kind = mimetypes.guess_type(PICTURE)[0]
url = f"data:{kind};base64,{base64.b64encode(PICTURE.read_bytes()).decode()}"
response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_VISION_MODEL", "gpt-4o"),
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What does this picture show?"},
                {"type": "image_url", "image_url": {"url": url}},
            ],
        }
    ],
)
print(response.choices[0].message.content)
