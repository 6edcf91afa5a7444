"""Ask many questions with asyncio, a few at a time (semaphore): hundreds at once, without a thread for each."""

import asyncio
import os

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

AT_ONCE = 4
QUESTIONS = [f"What is {number} * {number}?" for number in range(11, 19)]


async def ask(client: ChatCompletionsClient, gate: asyncio.Semaphore, question: str) -> str:
    async with gate:
        try:
            response = await client.complete(messages=[UserMessage(question)], max_tokens=50)
            return response.choices[0].message.content or ""
        except AzureError as error:  # returned, not raised: the others go on
            return f"[no answer: {error.message.partition(chr(10))[0]}]"


async def main() -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    async with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    ) as client:
        answers = await asyncio.gather(*(ask(client, gate, question) for question in QUESTIONS))
    for question, answer in zip(QUESTIONS, answers, strict=True):
        print(question, answer)


asyncio.run(main())  # in a notebook: await main()
