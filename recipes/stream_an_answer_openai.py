"""Stream an answer with the OpenAI package: the same loop, and the guard for chunks without choices is not optional."""

import os

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

finish_reason = None
stream = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "user", "content": "How many languages are in the world?"}],
    stream=True,
)
for chunk in stream:
    for choice in chunk.choices:  # Azure's first chunk has none: it brings what the filter thinks of the prompt
        print(choice.delta.content or "", end="", flush=True)
        finish_reason = choice.finish_reason or finish_reason
print()
if finish_reason != "stop":  # None: the connection was lost; "length": cut off by a limit
    print(f"[This is not the whole answer: {finish_reason}]")
