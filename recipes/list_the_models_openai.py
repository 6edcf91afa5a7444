"""List the models that an endpoint has, with the OpenAI package: when a name is refused, or before you choose one."""

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

for model in list(client.models.list())[:5]:
    print(model.id)
