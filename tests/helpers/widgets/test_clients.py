"""The panel of lesson 00, used as a reader would: the code that it writes can be copied, and it runs."""

from __future__ import annotations

import ast
import os
import re
from itertools import product
from typing import Any

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.widgets import Panel, client_panel
from helpers.widgets.clients import KINDS, SHELLS

ENDPOINT, CREDENTIAL, SHELL = range(3)  # the places of the controls
CHOICES = list(product(KINDS, ["a key", "Entra ID"]))


@pytest.fixture
def panel() -> Panel:
    return client_panel()


def chosen(panel: Panel, kind: str, credential: str = "a key", shell: str = "macOS, Linux") -> str:
    for place, value in ((ENDPOINT, kind), (CREDENTIAL, credential), (SHELL, shell)):
        panel.controls[place].value = value
    return panel.shown.text


def code(text: str) -> str:
    return text.split("In Python:\n")[1]


def arguments(text: str) -> dict[str, str]:
    """What the client of the panel is given, as it is written."""
    call: Any = ast.parse(code(text)).body[0]
    return {keyword.arg: ast.unparse(keyword.value) for keyword in call.value.keywords}


def variables(text: str) -> dict[str, str]:
    return dict(re.findall(r"^export (\w+)=\"(.*)\"$", text, re.MULTILINE))


def test_it_starts_with_a_foundry_resource_and_a_key(panel: Panel):
    assert [control.value for control in panel.controls] == ["a Foundry resource", "a key", "macOS, Linux"]
    assert variables(panel.shown.text)["AZURE_INFERENCE_ENDPOINT"].endswith(".services.ai.azure.com/models")
    assert arguments(panel.shown.text)["credential"] == "AzureKeyCredential(os.environ['AZURE_INFERENCE_CREDENTIAL'])"


@pytest.mark.parametrize(("kind", "credential"), CHOICES)
def test_the_client_can_be_copied_and_made(panel: Panel, kind: str, credential: str, monkeypatch: pytest.MonkeyPatch):
    text = chosen(panel, kind, credential)
    for name, value in variables(text).items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {
        "os": os,
        "AzureKeyCredential": AzureKeyCredential,
        "ChatCompletionsClient": ChatCompletionsClient,
        "DefaultAzureCredential": lambda: AzureKeyCredential("stands in for a person"),
    }
    exec(code(text), names)
    assert isinstance(names["client"], ChatCompletionsClient)


@pytest.mark.parametrize(("kind", "credential"), CHOICES)
def test_a_key_is_a_variable_and_never_in_the_code(panel: Panel, kind: str, credential: str):
    text = chosen(panel, kind, credential)
    with_key = "AzureKeyCredential" in code(text)
    assert ("AZURE_INFERENCE_CREDENTIAL" in variables(text)) == with_key
    assert KINDS[kind].key not in code(text)


def test_with_entra_id_there_is_no_key_and_a_scope_that_fits_the_endpoint(panel: Panel):
    scopes = {kind: arguments(chosen(panel, kind, "Entra ID")).get("credential_scopes", "") for kind in KINDS}
    assert "cognitiveservices.azure.com/.default" in scopes["a Foundry resource"]
    assert "ml.azure.com/.default" in scopes["a serverless endpoint"]
    assert "cognitiveservices.azure.com/.default" in scopes["an Azure OpenAI deployment"]
    assert "AZURE_INFERENCE_CREDENTIAL" not in chosen(panel, "a Foundry resource", "Entra ID")


@pytest.mark.parametrize("kind", ["the mock of this course", "a server on your own machine"])
def test_where_there_is_no_entra_id_it_says_so_and_stays_with_the_key(panel: Panel, kind: str):
    text = chosen(panel, kind, "Entra ID")
    assert "Entra ID belongs to Azure: here it is a key." in text
    assert arguments(text) == arguments(chosen(panel, kind, "a key"))


def test_the_model_is_named_where_an_endpoint_has_several(panel: Panel):
    assert arguments(chosen(panel, "a Foundry resource"))["model"] == "'YOUR-DEPLOYMENT'"
    assert "model" not in arguments(chosen(panel, "a serverless endpoint"))
    azure_openai = chosen(panel, "an Azure OpenAI deployment")
    assert "model" not in arguments(azure_openai)
    assert "/openai/deployments/DEPLOYMENT" in variables(azure_openai)["AZURE_INFERENCE_ENDPOINT"]
    assert arguments(azure_openai)["api_version"] == "'2024-10-21'"


def test_each_shell_has_its_own_way_to_set_a_variable(panel: Panel):
    shown = {shell: chosen(panel, "a Foundry resource", shell=shell) for shell in SHELLS}
    assert 'export AZURE_INFERENCE_CREDENTIAL="YOUR-KEY"' in shown["macOS, Linux"]
    assert '$env:AZURE_INFERENCE_CREDENTIAL = "YOUR-KEY"' in shown["Windows PowerShell"]
    assert "set AZURE_INFERENCE_CREDENTIAL=YOUR-KEY" in shown["Windows cmd"]
    assert len({code(text) for text in shown.values()}) == 1, "Python is the same everywhere"


def test_every_control_has_a_label(panel: Panel):
    assert all(control.description for control in panel.controls)
