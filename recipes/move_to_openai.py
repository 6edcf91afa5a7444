"""Move to the OpenAI package: keep the variables of the old program, and derive the new address from them."""

import os

from openai import OpenAI


def new_address(endpoint: str) -> str:
    """Where the OpenAI client finds the models of an old endpoint, `…/models` or `…/openai/deployments/NAME`."""
    host = endpoint.rstrip("/").removesuffix("/models").partition("/openai/deployments/")[0]
    return f"{host}/openai/v1/"


client = OpenAI(
    base_url=new_address(os.environ["AZURE_INFERENCE_ENDPOINT"]),
    api_key=os.environ["AZURE_INFERENCE_CREDENTIAL"].strip(),  # a line break at its end becomes "Connection error."
)

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),  # the deployment's name, in every call
    messages=[{"role": "user", "content": "How many metres is 3 km?"}],
)
print(response.choices[0].message.content)
