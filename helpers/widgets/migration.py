"""The panel of lesson 12: one task in three clients, their code, their requests and their answers beside one another.

The code that is shown is the code that is run: `tasks.py` has it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import openai
import requests
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from ipywidgets import Checkbox, Dropdown

from ..display import Rich, code_box, heading, preformatted, remark, side_by_side
from ..endpoint import Endpoint
from ..moving import CLIENTS, SAME, Move, Ran, differences, source, told
from .panel import Panel
from .tasks import TASKS


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
    shown = {name: preformatted(text) for name, text in parts.items()}
    shown["code"] = code_box(f"code for {ran.client}", parts["code"])
    html = "".join(remark(name) + block for name, block in shown.items())
    text = "\n".join(f"{name}: {said}" for name, said in parts.items())
    return Rich(f"[{ran.client}]\n{text}", heading(ran.client) + html)
