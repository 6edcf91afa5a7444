"""Stream with asyncio and the OpenAI package: inside a web server or a bot, where a thread must not wait."""

import asyncio
import os

from openai import AsyncOpenAI


async def main() -> None:
    async with AsyncOpenAI() as client:  # reads OPENAI_BASE_URL and OPENAI_API_KEY
        stream = await client.chat.completions.create(
            model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
            messages=[{"role": "user", "content": "How many languages are in the world?"}],
            stream=True,
        )
        async for chunk in stream:
            for choice in chunk.choices:
                print(choice.delta.content or "", end="", flush=True)
    print()


asyncio.run(main())  # in a notebook: await main()
