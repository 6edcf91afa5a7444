"""Stream with asyncio: inside a web server or a bot, where a thread must not wait. Needs aiohttp."""

import asyncio
import os

from azure.ai.inference.aio import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential


async def main() -> None:
    async with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    ) as client:
        question = UserMessage("How many languages are in the world?")
        async for update in await client.complete(messages=[question], stream=True):
            for choice in update.choices:
                print((choice.delta and choice.delta.content) or "", end="", flush=True)
    print()


asyncio.run(main())  # in a notebook: await main()
