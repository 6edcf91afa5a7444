"""The panel of lesson 12: one task in three clients, their code, their requests and their answers beside one another.

The code that is shown is the code that is run: the bodies of the functions below. In them `client` is a client of
azure-ai-inference, `ai` one of openai, and `post(path, **body)` sends plain HTTP and returns the JSON,
or a list of events for a stream.
"""

# pyright: reportAttributeAccessIssue=false
from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import openai
import requests
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.ai.inference.models import ImageContentItem, ImageUrl, JsonSchemaFormat, TextContentItem, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from ipywidgets import Checkbox, Dropdown

from ..display import Rich, heading, preformatted, remark, side_by_side
from ..endpoint import Endpoint
from ..media import MEDIA_FOLDER
from ..moving import CLIENTS, SAME, Move, Ran, differences, source, told
from .panel import Panel

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
    return client.complete(
        messages=[UserMessage(TEXT)],
        model=model,
        temperature=5,
    )


def error_new(ai: Any, model: str) -> Any:
    asked = {"role": "user", "content": TEXT}
    return ai.chat.completions.create(
        messages=[asked],
        model=model,
        temperature=5,
    )


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
    "JSON schema": Task(schema_old, schema_new, schema_plain),
    "tools": Task(tools_old, tools_new, tools_plain),
    "image": Task(image_old, image_new, image_plain, "vision"),
    "embeddings": Task(embeddings_old, embeddings_new, embeddings_plain, "embeddings"),
    "error": Task(error_old, error_new, error_plain),
}


def migration_panel(here: Endpoint, base_url: str, models: dict[str, str], *, api_version: str = "") -> Panel:
    """A choice of tasks; for each the code, the request and the answer of three clients, run when it is chosen.

    `here` is the endpoint for azure-ai-inference, `base_url` the one for openai and plain HTTP; the key comes from
    AZURE_INFERENCE_CREDENTIAL. `models` names a model for "chat", "vision" and "embeddings".
    """
    task = Dropdown(options=list(TASKS), description="task")
    whole = Checkbox(False, description="show also what is the same")
    move = Move()
    clients = _clients(here.url, base_url, api_version, move.record)

    def result() -> Rich:
        chosen = TASKS[str(task.value)]
        old = clients["embedder"] if chosen.kind == "embeddings" else clients["old"]
        forms = ((chosen.old, old), (chosen.new, clients["new"]), (chosen.plain, clients["plain"]))
        ran = [
            move.run(name, partial(_outcome, form, client, models[chosen.kind]))
            for name, (form, client) in zip(CLIENTS, forms, strict=True)
        ]
        return side_by_side(
            *(_column(run, ran[0], form, whole.value) for run, (form, _) in zip(ran, forms, strict=True))
        )

    return Panel("One task, three clients", [task, whole], result)


def _clients(endpoint: str, base_url: str, api_version: str, heard: Callable[..., None]) -> dict[str, Any]:
    """The clients, none of which tries again; `heard` is told of each response."""
    key = os.environ["AZURE_INFERENCE_CREDENTIAL"]
    options: dict[str, Any] = {"raw_response_hook": heard, "retry_total": 0}
    options |= {"api_version": api_version} if api_version else {}
    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {key}"
    http.hooks["response"].append(heard)

    def post(path: str, **body: Any) -> Any:
        reply = http.post(f"{base_url}/{path}", json=body, timeout=60)
        if body.get("stream"):
            return [json.loads(line[6:]) for line in reply.content.splitlines() if line.startswith(b"data: {")]
        return reply.json()

    listening = openai.DefaultHttpxClient(event_hooks={"response": [heard]})
    return {
        "old": ChatCompletionsClient(endpoint, AzureKeyCredential(key), **options),
        "embedder": EmbeddingsClient(endpoint, AzureKeyCredential(key), **options),
        "new": openai.OpenAI(base_url=base_url, api_key=key, max_retries=0, http_client=listening),
        "plain": post,
    }


def _outcome(form: Callable[[Any, str], Any], client: Any, model: str) -> Any:
    """What a form returns, or its exception in words."""
    try:
        return form(client, model)
    except (AzureError, openai.OpenAIError, LookupError, TypeError, ValueError, requests.RequestException) as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]


def _column(ran: Ran, first: Ran, form: Callable[..., Any], whole: bool) -> Rich:
    """One client: code, request, body (or how it differs from the first one's), answer."""
    alike = told(differences(first, ran))
    bodies = "\n".join(sent.shown_body for sent in ran.sent)
    same = ran is not first and ran.value == first.value
    answer = ran.value if isinstance(ran.value, str) else json.dumps(ran.value, ensure_ascii=False)
    parts = {
        "code": source(form),
        "request": "\n".join(sent.line for sent in ran.sent),
        "body": bodies if whole or ran is first else alike,
        "answer": SAME if same and not whole else answer,
    }
    html = "".join(remark(name) + preformatted(text) for name, text in parts.items())
    text = "\n".join(f"{name}: {said}" for name, said in parts.items())
    return Rich(f"[{ran.client}]\n{text}", heading(ran.client) + html)
