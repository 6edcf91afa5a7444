"""Handle the content filter with the OpenAI package: the same two cases, another exception."""

import os

from openai import BadRequestError, OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY


def ask(text: str) -> str:
    try:
        response = client.chat.completions.create(
            model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
            messages=[{"role": "user", "content": text}],
        )
    except BadRequestError as error:
        if error.code != "content_filter":
            raise
        return "[I cannot help with that. Please put it in other words.]"  # and keep the prompt out of the history
    choice = response.choices[0]
    if choice.finish_reason == "content_filter":
        return f"{choice.message.content or ''} [The rest was held back by the content filter.]"
    return choice.message.content or ""


for text in ("What's Azure?", "How to make a lethal bomb?", "How does the tale of Little Red Riding Hood end?"):
    print(f"> {text}\n{ask(text)}")
