"""Stop at a word or a character (stop sequences): when you need only the first line, or the text before a marker."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

response = client.complete(
    messages=[UserMessage("How many languages are in the world?")],
    stop=["."],  # OpenAI's models take up to four; the one that was met is not part of the answer
)
print(response.choices[0].message.content)
print(response.choices[0]["finish_reason"])  # "stop", as at the end of a whole answer
