"""Pass a parameter that the OpenAI package does not know (extra_body): for whatever is a model's own."""

import os

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
    messages=[{"role": "user", "content": "How many metres is 3 km?"}],
    extra_body={"safe_prompt": True},  # merged into the body as it is
)
print(response.choices[0].message.content)
