"""Log requests and answers with the OpenAI package: a line for each step, with method, status and request id."""

import logging
import os

from openai import OpenAI

logging.basicConfig(level=logging.WARNING)  # to the standard error
logging.getLogger("openai").setLevel(logging.DEBUG)  # the same from outside the program: OPENAI_LOG=debug

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "user", "content": "How many metres is 3 km?"}],
)
print(response.choices[0].message.content)
