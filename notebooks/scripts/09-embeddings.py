# Cut from 09-embeddings.ipynb, which explains it: change it there.
"""Answer a question from your own texts, and name the sources (retrieval-augmented generation, RAG).

Needs: pip install azure-ai-inference
Set: AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL, and if you like QUESTION,
     AZURE_INFERENCE_EMBEDDING_MODEL and AZURE_INFERENCE_MODEL
"""

import base64
import os
import re
import struct
import sys
from math import hypot

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError

EMBEDDING_MODEL = os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small")
CHAT_MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407")
QUESTION = os.environ.get("QUESTION", "How do I stop a dripping tap?")
TEXTS = [
    "Many migraines start with too little water; a dark room and a painkiller often help.",
    "Turn off the water and replace the worn washer, and the tap stops dripping.",
    "If your flight is cancelled, the airline must offer another one or your money back.",
    "Squeaking brakes on a bike often come from dirty rims; wipe them with alcohol.",
    "Mix flour, water, salt and yeast, let the dough rise and bake it in a hot oven.",
]
RULES = """Answer the question from the notes only, and put the number of the note behind what you say, such as [1].
If they do not answer it, say "The notes do not tell."

Notes:"""
BATCH = 96  # texts in one call; the limit is the model's
BEST = 3  # notes in the prompt, the "top k"


def unpack(packed: str) -> tuple[float, ...]:
    """A vector from its base64: little-endian numbers of four bytes."""
    data = base64.b64decode(packed)
    return struct.unpack(f"<{len(data) // 4}f", data)


def vectors_of(client: EmbeddingsClient, texts: list[str]) -> list[tuple[float, ...]]:
    """The vectors of the texts, in their order."""
    vectors = []
    for start in range(0, len(texts), BATCH):
        answer = client.embed(input=texts[start : start + BATCH], encoding_format="base64")
        items = sorted(answer.data, key=lambda item: item.index)
        vectors += [unpack(str(item.embedding)) for item in items]
    return vectors


def likeness(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The cosine of two vectors of any length."""
    return sum(a * b for a, b in zip(one, other, strict=True)) / (hypot(*one) * hypot(*other))


def nearest(client: EmbeddingsClient, question: str, texts: list[str]) -> list[str]:
    """The texts that are most about the question, the nearest first. Keep the vectors of many texts in a file."""
    asked, *vectors = vectors_of(client, [question, *texts])
    order = sorted(range(len(texts)), key=lambda place: -likeness(asked, vectors[place]))
    return [texts[place] for place in order[:BEST]]


def answer_from(client: ChatCompletionsClient, question: str, notes: list[str]) -> str:
    """What the model says when it has nothing but these notes."""
    numbered = [f"[{number}] {note}" for number, note in enumerate(notes, 1)]
    messages = [SystemMessage("\n".join([RULES, *numbered])), UserMessage(question)]
    choice = client.complete(messages=messages).choices[0]
    if choice.finish_reason != "stop":
        raise ValueError(f"The answer is not whole: it was ended by {choice.finish_reason}.")
    return choice.message.content


def main() -> None:
    endpoint = os.environ["AZURE_INFERENCE_ENDPOINT"]
    key = AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"])
    with EmbeddingsClient(endpoint, key, model=EMBEDDING_MODEL) as client:
        notes = nearest(client, QUESTION, TEXTS)
    with ChatCompletionsClient(endpoint, key, model=CHAT_MODEL) as client:
        answer = answer_from(client, QUESTION, notes)
    print(QUESTION)
    print(answer)
    for number in sorted(set(map(int, re.findall(r"\[(\d+)\]", answer)))):
        print(f"  [{number}]", notes[number - 1] if number <= len(notes) else "(there is no such note)")


try:
    main()
except (AzureError, ValueError) as error:
    sys.exit(f"No answer: {error}")
