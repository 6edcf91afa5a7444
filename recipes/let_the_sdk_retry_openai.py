"""Let the OpenAI package retry: it does so twice unless told otherwise, after timeouts too, and with jitter."""

import os

from openai import APIStatusError, OpenAI

client = OpenAI(max_retries=5)  # reads OPENAI_BASE_URL and OPENAI_API_KEY

try:
    response = client.chat.completions.create(
        model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
        messages=[{"role": "user", "content": "How many metres is 3 km?"}],
    )
    print(response.choices[0].message.content)
except APIStatusError as error:
    print(f"Still refused after all retries: {error.status_code}")
