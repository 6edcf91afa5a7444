"""Keep prompts in files (prompt template, prompty): text that changes more often than the program. Needs pyyaml."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.prompts import PromptTemplate  # pyright: ignore[reportPrivateImportUsage]  # it is public
from azure.core.credentials import AzureKeyCredential

PROMPTY = """---
model: {api: chat, parameters: {max_tokens: 5, temperature: 0}}
---
Sort the customer's email into one of these categories: {{labels}}. Answer with the category only.
"""

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

with TemporaryDirectory() as folder:  # here the recipe writes its own file; yours lies beside the program
    file = Path(folder, "sort.prompty")
    file.write_text(PROMPTY, "utf-8")
    template = PromptTemplate.from_prompty(str(file))  # an absolute path, which holds from everywhere

messages = template.create_messages(labels="billing, shipping, technical, other")
messages.append({"role": "user", "content": "Where is my parcel?"})  # theirs never goes into the template: injection
print(client.complete(messages=messages, **template.parameters).choices[0].message.content)
