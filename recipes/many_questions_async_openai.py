"""Ask many questions with asyncio and the OpenAI package (semaphore): a few at a time."""

import asyncio
import os

from openai import AsyncOpenAI, OpenAIError

AT_ONCE = 4
MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o")
QUESTIONS = [f"What is {number} * {number}?" for number in range(11, 19)]


async def ask(client: AsyncOpenAI, gate: asyncio.Semaphore, question: str) -> str:
    async with gate:
        try:
            response = await client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": question}], max_tokens=50
            )
            return response.choices[0].message.content or ""
        except OpenAIError as error:  # returned, not raised: the others go on
            return f"[no answer: {error}]"


async def main() -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    # It reads OPENAI_BASE_URL and OPENAI_API_KEY, and repeats 429 and 5xx by itself, with jitter.
    async with AsyncOpenAI(max_retries=5) as client:
        answers = await asyncio.gather(*(ask(client, gate, question) for question in QUESTIONS))
    for question, answer in zip(QUESTIONS, answers, strict=True):
        print(question, answer)


asyncio.run(main())  # in a notebook: await main()
