"""Set a timeout with the OpenAI package: it waits ten minutes otherwise, and then tries again by itself."""

import os

from openai import APITimeoutError, OpenAI

client = OpenAI(timeout=30, max_retries=0)  # reads OPENAI_BASE_URL and OPENAI_API_KEY

try:
    response = client.with_options(timeout=10).chat.completions.create(  # this call only
        model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
        messages=[{"role": "user", "content": "How many metres is 3 km?"}],
    )
    print(response.choices[0].message.content)
except APITimeoutError:
    print("No answer in time: the model may have worked all the same, and a second try is paid for twice.")
