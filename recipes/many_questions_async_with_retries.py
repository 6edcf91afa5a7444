"""Ask many questions with asyncio through 429 and 5xx: each call is repeated by itself, with jitter; none is lost."""

import asyncio
import os
import random

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError

AT_ONCE = 4
ATTEMPTS = 5
FIRST_WAIT = 0.5  # seconds; doubled each time
WORTH_ANOTHER_TRY = {408, 429, 500, 502, 503, 504}
QUESTIONS = [f"What is {number} * {number}?" for number in range(11, 19)]


async def ask(client: ChatCompletionsClient, gate: asyncio.Semaphore, question: str) -> str:
    attempt = 1
    while True:
        try:
            async with gate:
                response = await client.complete(messages=[UserMessage(question)], max_tokens=50)
            return response.choices[0].message.content or ""
        except HttpResponseError as error:
            if error.status_code not in WORTH_ANOTHER_TRY or attempt == ATTEMPTS:
                return f"[no answer: {error.status_code}]"  # returned, not raised: the others go on
            told = getattr(error.response, "headers", {}).get("Retry-After", "")
        except AzureError as error:
            return f"[no answer: {type(error).__name__}]"
        # What the service asks for is the least; without it, a random part of the backoff ("full jitter").
        longest = FIRST_WAIT * 2 ** (attempt - 1)
        wait = float(told) + random.uniform(0, 1) if told.isdecimal() else random.uniform(0, longest)
        await asyncio.sleep(wait)  # outside the gate: whoever waits takes nobody's place
        attempt += 1


async def main() -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    async with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
        retry_total=0,  # the SDK would wait inside the gate, and does not repeat a 429 without Retry-After
    ) as client:
        answers = await asyncio.gather(*(ask(client, gate, question) for question in QUESTIONS))
    for question, answer in zip(QUESTIONS, answers, strict=True):
        print(question, answer)


asyncio.run(main())  # in a notebook: await main()
