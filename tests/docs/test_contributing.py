"""CONTRIBUTING.md keeps its word: the paths are there, and who follows its recipes gets what they promise."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(?:toml|python)\n# (helpers/mock/\S+?)(?:, at the end of (\w+))?\n(.*?)^```$", re.M | re.S)
BLOCKS = _BLOCK.findall(TEXT)
"""The code of the recipes: its file, the function or table at whose end it stands (else the file's end), its text."""


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:md|toml|py))`", TEXT))))
def test_a_path_is_there(path: str):
    if not path.startswith("build/"):
        assert list(ROOT.glob(path.replace("NN-topic", "[0-9][0-9]-*").replace("NN", "[0-9][0-9]"))), path


def test_it_has_no_more_lines_than_two_screens():
    assert len(TEXT.splitlines()) <= 132


# --- the recipes, followed --------------------------------------------------------------------------------------------


def put(mock: Path, file: str, place: str, code: str) -> None:
    """Do what a recipe says, in a copy of the mock."""
    path = mock / Path(file).relative_to("helpers/mock")
    text = path.read_text("utf-8") if path.exists() else ""
    if place:
        path.write_text(inserted(text, place, code), "utf-8")
    else:
        path.write_text(f"{text}\n{code}".lstrip(), "utf-8")


def inserted(text: str, name: str, code: str) -> str:
    """A module with lines more at the end of a function, or of a tuple over several lines."""
    for node in ast.parse(text).body:
        function = isinstance(node, ast.FunctionDef) and node.name == name
        table = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name
        if function or table:
            lines = text.splitlines(keepends=True)
            assert node.end_lineno
            end = node.end_lineno - table  # a tuple ends with a bracket on a line of its own
            more = [f"    {line}" for line in code.splitlines(keepends=True)]
            return "".join([*lines[:end], *more, *lines[end:]])
    raise LookupError(f"there is no {name} at the top of this module")


_ASK = """
import json, sys
from mock_of_tests import Request, in_process
service = in_process().service
for line in sys.stdin:
    request = Request("POST", "/models/chat/completions", {"api-version": "2024-05-01-preview"},
                      {"api-key": service.key, "content-type": "application/json"}, line.encode())
    answer = service.handle(request)
    print(json.dumps([answer.status, json.loads(answer.read())]))
"""


def ask(folder: Path, bodies: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Status and body of the answers of a copy of the mock, in a process of its own."""
    sent = "".join(f"{json.dumps(body)}\n" for body in bodies)
    command = [sys.executable, "-c", _ASK]
    done = subprocess.run(command, cwd=folder, input=sent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [(status, body) for status, body in map(json.loads, done.stdout.splitlines())]


def body(content: str, model: str = "mistral-large-2407", role: str = "user") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": role, "content": content}]}


BODIES = {
    "a model card": body("How many languages are in the world?", model="Mistral-small-2402"),
    "a refusal": body("There are seven", model="Cohere-command-r-plus-08-2024", role="assistant"),
    "a lesson's answer": body("How many alphabets are there?"),
    "a skill": body("2028, a leap year?"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, str]]]:
    """For each recipe what the mock answers before it was followed and after all were: status and text or message."""
    folder = tmp_path_factory.mktemp("recipes")
    mock = folder / "mock_of_tests"
    shutil.copytree(ROOT / "helpers" / "mock", mock, ignore=shutil.ignore_patterns("__pycache__"))
    before = ask(folder, list(BODIES.values()))
    for file, place, code in BLOCKS:
        put(mock, file, place, code)
    after = ask(folder, list(BODIES.values()))

    def said(body: dict[str, Any]) -> str:
        return body["choices"][0]["message"]["content"] if "choices" in body else body["error"]["message"]

    pairs = zip(before, after, strict=True)
    return dict(zip(BODIES, ([(status, said(body)) for status, body in pair] for pair in pairs), strict=True))


def test_a_new_card_answers_under_its_name(answers: dict[str, list[tuple[int, str]]]):
    (unknown, _), (status, text) = answers["a model card"]
    assert unknown == 400
    assert status == 200
    assert "7,000 languages" in text


def test_a_new_refusal_refuses_in_its_words(answers: dict[str, list[tuple[int, str]]]):
    (allowed, _), refused = answers["a refusal"]
    assert allowed == 200
    assert refused == (400, "Expected the last role to be user or tool, but got assistant.")


@pytest.mark.parametrize(
    ("recipe", "text"),
    [("a lesson's answer", "30 alphabets are in daily use."), ("a skill", "2028 is a leap year.")],
)
def test_a_new_answer_is_given(recipe: str, text: str, answers: dict[str, list[tuple[int, str]]]):
    (_, before), (status, after) = answers[recipe]
    assert text not in before
    assert status == 200
    assert after.endswith(text)


def test_each_code_block_is_followed_here():
    assert len(BLOCKS) == len(re.findall(r"^```(?!text)\w+$", TEXT, re.M))
    assert len(BLOCKS) == len(BODIES) + 2  # a refusal and a skill have two each
