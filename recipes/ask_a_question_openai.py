"""Ask a chat model one question with the OpenAI package: the same smallest program, for new code."""

import os

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL (https://NAME.openai.azure.com/openai/v1/) and OPENAI_API_KEY

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "user", "content": "How many languages are in the world?"}],
)
print(response.choices[0].message.content)
