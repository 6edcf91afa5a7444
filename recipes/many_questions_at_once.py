"""Ask many questions at once, a few at a time (batch): in order, and with no answer lost to somebody else's error."""

import os
from concurrent.futures import ThreadPoolExecutor

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

AT_ONCE = 4
QUESTIONS = [f"What is {number} * {number}?" for number in range(11, 19)]

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    max_tokens=50,
)


def ask(question: str) -> str:
    try:
        return client.complete(messages=[UserMessage(question)]).choices[0].message.content or ""
    except AzureError as error:  # returned, not raised: the others go on
        return f"[no answer: {error.message.partition(chr(10))[0]}]"


with ThreadPoolExecutor(AT_ONCE) as pool:  # one client for all of them: it keeps its connections
    for question, answer in zip(QUESTIONS, pool.map(ask, QUESTIONS), strict=True):
        print(question, answer)
