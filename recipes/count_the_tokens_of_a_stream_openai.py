"""Count the tokens of a stream with the OpenAI package: `stream_options` is a parameter of its own there."""

import os

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

usage = None
for chunk in client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "user", "content": "How many languages are in the world?"}],
    stream=True,
    stream_options={"include_usage": True},
):
    for choice in chunk.choices:  # the last chunk, with the counts, has none
        print(choice.delta.content or "", end="", flush=True)
    usage = chunk.usage or usage
print()
if usage:
    print(f"{usage.prompt_tokens} + {usage.completion_tokens} = {usage.total_tokens} tokens")
