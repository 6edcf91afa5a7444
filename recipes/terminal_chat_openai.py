"""A chat in the terminal with the OpenAI package: it streams and remembers. An empty line ends it."""

import os
from contextlib import suppress

from openai import APIStatusError, OpenAI
from openai.types.chat import ChatCompletionMessageParam

MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o")
history: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "You are a helpful assistant. Answer in one sentence."}
]
client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY


def answer(text: str) -> str:
    """The whole answer, printed while it comes."""
    whole = ""
    messages: list[ChatCompletionMessageParam] = [*history, {"role": "user", "content": text}]
    for chunk in client.chat.completions.create(model=MODEL, messages=messages, stream=True):
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
            whole += choice.delta.content or ""
    print()
    return whole


with suppress(EOFError, KeyboardInterrupt):  # Ctrl-D and Ctrl-C end it too
    while text := input("> ").strip():
        try:
            said = answer(text)
        except APIStatusError as error:  # a filtered prompt, a limit: the conversation goes on without this turn
            print(f"[{error.status_code}: {error.code}]")
        else:
            history.append({"role": "user", "content": text})
            history.append({"role": "assistant", "content": said})
