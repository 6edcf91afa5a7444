"""Sign in with Entra ID and the OpenAI package: a function that returns tokens takes the place of the key."""

import os

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from openai import OpenAI

client = OpenAI(  # reads OPENAI_BASE_URL
    api_key=get_bearer_token_provider(DefaultAzureCredential(), "https://ai.azure.com/.default")
)

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "user", "content": "How many metres is 3 km?"}],
)
print(response.choices[0].message.content)
