"""Answer from your own texts with the OpenAI package (RAG): find the nearest, let a model read them."""

import os

from openai import OpenAI

MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o")
EMBEDDING_MODEL = os.environ.get("AZURE_INFERENCE_EMBEDDING_MODEL", "text-embedding-3-small")
NOTES = [
    "Dogs are welcome if they stay off the beds.",
    "The password of the wireless network is on the back of the door.",
    "Cars are parked behind the barn, free of charge.",
    "The doctor in the valley sees patients until noon.",
]
BEST = 2
RULE = "Answer only from these notes, and name the note you used, as in [2]. If they do not tell, say so.\n\n"

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY


def vectors(texts: list[str]) -> list[list[float]]:
    return [item.embedding for item in client.embeddings.create(model=EMBEDDING_MODEL, input=texts).data]


library = vectors(NOTES)  # once; keep them beside the texts
for question in ("May I bring my puppy?", "How do I get online?", "Who painted the Mona Lisa?"):
    (asked,) = vectors([question])
    scores = [sum(a * b for a, b in zip(asked, each, strict=True)) for each in library]
    nearest = sorted(range(len(NOTES)), key=lambda place: -scores[place])[:BEST]
    found = "\n".join(f"[{place + 1}] {NOTES[place]}" for place in nearest)
    response = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": RULE + found}, {"role": "user", "content": question}],
        temperature=0,
    )
    print(f"> {question}\n{response.choices[0].message.content}")
