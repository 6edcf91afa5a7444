"""The tasks of lesson 12, each in three forms: for azure-ai-inference, for openai and in plain HTTP.

What the panel shows as code are the bodies of these functions, so each is whole, and says again what the others say. In
them `client` is a client of azure-ai-inference, `ai` one of openai, and `post(path, **body)` sends plain HTTP and
returns the JSON, or a list of events for a stream.
"""

# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.ai.inference.models import ImageContentItem, ImageUrl, JsonSchemaFormat, TextContentItem, UserMessage

from ..media import MEDIA_FOLDER

CHART = str(MEDIA_FOLDER / "chart.png")
TEXT = "How many metres is 3 km?"
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["name", "population"],
}
WISH = "How is the weather in Oslo?"
CITY = "Oslo has 700,000 inhabitants."
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"name": "get_weather", "description": "The weather in a city", "parameters": PARAMETERS}


def chat_old(client: Any, model: str) -> Any:
    reply = client.complete(
        messages=[UserMessage(TEXT)],
        model=model,
    )
    return reply.choices[0].message.content


def chat_new(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    reply = ai.chat.completions.create(
        messages=[asked],
        model=model,
    )
    return reply.choices[0].message.content


def chat_plain(post: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    reply = post(
        "chat/completions",
        messages=[asked],
        model=model,
    )
    return reply["choices"][0]["message"]["content"]


def stream_old(client: Any, model: str) -> Any:
    stream = client.complete(
        messages=[UserMessage(TEXT)],
        model=model,
        stream=True,
    )
    text = ""
    for update in stream:
        text += update.choices[0].delta.content or ""
    return text


def stream_unguarded(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    stream = ai.chat.completions.create(
        messages=[asked],
        model=model,
        stream=True,
    )
    text = ""
    for chunk in stream:
        text += chunk.choices[0].delta.content or ""
    return text


def stream_new(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    stream = ai.chat.completions.create(
        messages=[asked],
        model=model,
        stream=True,
    )
    text = ""
    for chunk in stream:
        if chunk.choices:
            text += chunk.choices[0].delta.content or ""
    return text


def stream_plain(post: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    events = post(
        "chat/completions",
        messages=[asked],
        model=model,
        stream=True,
    )
    text = ""
    for event in events:
        for choice in event["choices"]:
            text += choice["delta"].get("content") or ""
    return text


def extra_old(client: Any, model: str) -> Any:
    reply = client.complete(
        messages=[UserMessage(TEXT)],
        model=model,
        model_extras={"logprobs": True},
    )
    found = reply.choices[0]["logprobs"]["content"]
    return found[0]["token"]


def extra_new(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    reply = ai.chat.completions.create(
        messages=[asked],
        model=model,
        logprobs=True,
    )
    found = reply.choices[0].logprobs.content
    return found[0].token


def extra_plain(post: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    reply = post(
        "chat/completions",
        messages=[asked],
        model=model,
        logprobs=True,
    )
    found = reply["choices"][0]["logprobs"]["content"]
    return found[0]["token"]


def schema_old(client: Any, model: str) -> Any:
    wanted = JsonSchemaFormat(name="city", schema=SCHEMA)
    reply = client.complete(
        messages=[UserMessage(CITY)],
        model=model,
        response_format=wanted,
    )
    return json.loads(reply.choices[0].message.content)


def schema_new(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": CITY}
    city = {"name": "city", "schema": SCHEMA}
    wanted = {"type": "json_schema", "json_schema": city}
    reply = ai.chat.completions.create(
        messages=[asked],
        model=model,
        response_format=wanted,
    )
    return json.loads(reply.choices[0].message.content)


def schema_plain(post: Any, model: str) -> Any:
    asked = {"role": "user", "content": CITY}
    city = {"name": "city", "schema": SCHEMA}
    wanted = {"type": "json_schema", "json_schema": city}
    reply = post(
        "chat/completions",
        messages=[asked],
        model=model,
        response_format=wanted,
    )
    return json.loads(reply["choices"][0]["message"]["content"])


def tools_old(client: Any, model: str) -> Any:
    reply = client.complete(
        messages=[UserMessage(WISH)],
        model=model,
        tools=[{"type": "function", "function": WEATHER}],
    )
    call = reply.choices[0].message.tool_calls[0]
    return call.function.name, call.function.arguments


def tools_new(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": WISH}
    reply = ai.chat.completions.create(
        messages=[asked],
        model=model,
        tools=[{"type": "function", "function": WEATHER}],
    )
    call = reply.choices[0].message.tool_calls[0]
    return call.function.name, call.function.arguments


def tools_plain(post: Any, model: str) -> Any:
    asked = {"role": "user", "content": WISH}
    reply = post(
        "chat/completions",
        messages=[asked],
        model=model,
        tools=[{"type": "function", "function": WEATHER}],
    )
    call = reply["choices"][0]["message"]["tool_calls"][0]
    return call["function"]["name"], call["function"]["arguments"]


def image_old(client: Any, model: str) -> Any:
    picture = ImageUrl.load(image_file=CHART, image_format="png")
    items = [
        TextContentItem(text="What does the chart show?"),
        ImageContentItem(image_url=picture),
    ]
    reply = client.complete(messages=[UserMessage(items)], model=model)
    return reply.choices[0].message.content


def image_new(ai: Any, model: str) -> Any:
    data = base64.b64encode(Path(CHART).read_bytes()).decode("ascii")
    url = {"url": f"data:image/png;base64,{data}"}
    items = [
        {"type": "text", "text": "What does the chart show?"},
        {"type": "image_url", "image_url": url},
    ]
    messages = [{"role": "user", "content": items}]
    reply = ai.chat.completions.create(messages=messages, model=model)
    return reply.choices[0].message.content


def image_plain(post: Any, model: str) -> Any:
    data = base64.b64encode(Path(CHART).read_bytes()).decode("ascii")
    url = {"url": f"data:image/png;base64,{data}"}
    items = [
        {"type": "text", "text": "What does the chart show?"},
        {"type": "image_url", "image_url": url},
    ]
    messages = [{"role": "user", "content": items}]
    reply = post("chat/completions", messages=messages, model=model)
    return reply["choices"][0]["message"]["content"]


def embeddings_old(embedder: Any, model: str) -> Any:
    reply = embedder.embed(input=["a cat", "a dog"], model=model)
    return [round(x, 5) for x in reply.data[0].embedding[:4]]


def embeddings_new(ai: Any, model: str) -> Any:
    reply = ai.embeddings.create(input=["a cat", "a dog"], model=model)
    return [round(x, 5) for x in reply.data[0].embedding[:4]]


def embeddings_plain(post: Any, model: str) -> Any:
    reply = post("embeddings", input=["a cat", "a dog"], model=model)
    return [round(x, 5) for x in reply["data"][0]["embedding"][:4]]


def error_old(client: Any, model: str) -> Any:
    reply = client.complete(
        messages=[UserMessage(TEXT)],
        model=model,
        temperature=5,
    )
    return reply.choices[0].message.content


def error_new(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    reply = ai.chat.completions.create(
        messages=[asked],
        model=model,
        temperature=5,
    )
    return reply.choices[0].message.content


def error_plain(post: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    reply = post(
        "chat/completions",
        messages=[asked],
        model=model,
        temperature=5,
    )
    return reply["error"]["message"]


@dataclass(frozen=True)
class Task:
    """A task in three forms; `kind` says which of the models it needs."""

    old: Callable[[Any, str], Any]
    new: Callable[[Any, str], Any]
    plain: Callable[[Any, str], Any]
    kind: str = "chat"


TASKS = {
    "chat": Task(chat_old, chat_new, chat_plain),
    "stream, without a guard": Task(stream_old, stream_unguarded, stream_plain),
    "stream, with a guard": Task(stream_old, stream_new, stream_plain),
    "extra parameter": Task(extra_old, extra_new, extra_plain),
    "JSON schema": Task(schema_old, schema_new, schema_plain),
    "tools": Task(tools_old, tools_new, tools_plain),
    "image": Task(image_old, image_new, image_plain, "vision"),
    "embeddings": Task(embeddings_old, embeddings_new, embeddings_plain, "embeddings"),
    "error": Task(error_old, error_new, error_plain),
}
