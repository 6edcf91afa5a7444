"""The panel of lesson 00: which client for which endpoint, as code to copy."""

from __future__ import annotations

from typing import Any, NamedTuple

from ipywidgets import Dropdown

from ..display import Rich, code_box, marked, stacked
from .panel import Panel


class Kind(NamedTuple):
    """A kind of endpoint: its address, what to know about it, the scope of an Entra ID token for it (empty where there
    is none), the `api_version` and `model` that the client is given (empty: none), and what to call the key."""

    address: str
    note: str
    scope: str = ""
    api_version: str = ""
    model: str = ""
    key: str = "YOUR-KEY"


COGNITIVE = "https://cognitiveservices.azure.com/.default"
# From the SDK's README and the service's reference pages; the end of a route as Microsoft announced it.
KINDS = {
    "the mock of this course": Kind(
        "http://127.0.0.1:8008/models",
        "In a lesson, `connect()` starts it. For your own programs: `python -m helpers.mock --port 8008 --key MY-KEY`",
        model="mistral-large-2407",
        key="MY-KEY",
    ),
    "a Foundry resource": Kind(
        "https://NAME.services.ai.azure.com/models",
        "The route whose end was announced for 26 August 2026. The address ends in `/models`.",
        scope=COGNITIVE,
        model="YOUR-DEPLOYMENT",
    ),
    "a serverless endpoint": Kind(
        "https://NAME.REGION.models.ai.azure.com",
        "One model lives there, so none needs to be named.",
        scope="https://ml.azure.com/.default",
    ),
    "an Azure OpenAI deployment": Kind(
        "https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT",
        "The deployment is part of the address, and `api_version` is one of Azure OpenAI's own.",
        scope=COGNITIVE,
        api_version="2024-10-21",
    ),
    "a server on your own machine": Kind(
        "http://127.0.0.1:PORT/v1",
        "Such as a LiteLLM proxy. What it cannot do, the lesson's cells will tell you.",
        model="THE-SERVER'S-NAME-FOR-IT",
    ),
}
SHELLS = {
    "macOS, Linux": 'export {}="{}"',
    "Windows PowerShell": '$env:{} = "{}"',
    "Windows cmd": "set {}={}",
}


def client_panel() -> Panel:
    """Choose an endpoint, a credential and a shell; read the variables to set and the client to write."""
    kind = Dropdown(options=list(KINDS), value="a Foundry resource", description="endpoint")
    credential = Dropdown(options=["a key", "Entra ID"], description="credential")
    shell = Dropdown(options=list(SHELLS), description="shell")

    def result() -> Rich:
        chosen = KINDS[str(kind.value)]
        entra = credential.value == "Entra ID" and bool(chosen.scope)
        notes = [chosen.note]
        if credential.value == "Entra ID" and not entra:
            notes.append("Entra ID belongs to Azure: here it is a key.")
        note = " ".join(notes)
        return stacked(Rich(note, marked(note)), _variables(chosen, str(shell.value), entra), _client(chosen, entra))

    return Panel("Which client do I need?", [kind, credential, shell], result)


def _variables(kind: Kind, shell: str, entra: bool) -> Rich:
    values = {"AZURE_INFERENCE_ENDPOINT": kind.address}
    if not entra:
        values["AZURE_INFERENCE_CREDENTIAL"] = kind.key
    return _code("In the shell, before `make lab`:", [SHELLS[shell].format(*pair) for pair in values.items()])


def _client(kind: Kind, entra: bool) -> Rich:
    key = 'AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"])'
    arguments: dict[str, Any] = {
        "endpoint": 'os.environ["AZURE_INFERENCE_ENDPOINT"]',
        "credential": "DefaultAzureCredential()" if entra else key,
    }
    if entra:
        arguments["credential_scopes"] = f'["{kind.scope}"]'
    if kind.api_version:
        arguments["api_version"] = f'"{kind.api_version}"'
    if kind.model:
        arguments["model"] = f'"{kind.model}"'
    given = [f"    {name}={value}," for name, value in arguments.items()]
    return _code("In Python:", ["client = ChatCompletionsClient(", *given, ")"])


def _code(title: str, lines: list[str]) -> Rich:
    code = "\n".join(lines)
    return Rich(f"{title}\n{code}", marked(title) + code_box(title, code))
