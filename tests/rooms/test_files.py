"""The files that containers, clusters and Binder read: what they name is there, and what they call can be called.

What needs an engine, a cluster or the network is not run here; rooms/README.md says so.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shlex
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from commands.setup import machine
from helpers.mock import __main__ as mock_command
from tests.support.places import ROOT

ROOMS = ROOT / "rooms"
LINES = (ROOMS / "Containerfile").read_text("utf-8").replace("\\\n", "").splitlines()
INSTRUCTIONS = [line.split(maxsplit=1) for line in LINES if re.match(r"[A-Z]+ ", line)]
MOCK, SERVICE = yaml.safe_load_all((ROOMS / "kubernetes" / "mock.yaml").read_text("utf-8"))
VALUES = yaml.safe_load((ROOMS / "kubernetes" / "values.yaml").read_text("utf-8"))
DEV = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))

# The names of the chart's schema (jupyterhub/values.schema.yaml of zero-to-jupyterhub-k8s) that are used, and types.
CHART: dict[str, Any] = {
    "hub": {"extraFiles": {"keys": {"mountPath": str}}, "extraConfig": {"course": str}},
    "singleuser": {
        "image": {"name": str, "tag": str},
        "cmd": str,
        "defaultUrl": str,
        "extraEnv": dict,
        "lifecycleHooks": {"postStart": dict},
        "memory": {"guarantee": str, "limit": str},
        "cpu": {"guarantee": (int, float), "limit": (int, float)},
        "networkPolicy": {"egress": list},
        "storage": {"capacity": str},
    },
    "cull": {"timeout": int},
}
# Those of the dev container's (schemas/devContainer.base.schema.json of devcontainers/spec).
DEV_CONTAINER = {"name", "image", "postCreateCommand", "forwardPorts", "portsAttributes", "customizations"}


def fits(values: Any, names: Any) -> bool:
    """Whether values have no other names than these, and the types that stand there."""
    if isinstance(names, dict):
        return isinstance(values, dict) and all(name in names and fits(values[name], names[name]) for name in values)
    return isinstance(values, names)


def is_offered(version: str) -> bool:
    """Whether the course runs on a Python, as 3.13."""
    return machine.OLDEST <= tuple(map(int, version.split("."))) <= machine.NEWEST


def options_of_the_mock(words: list[str]) -> Any:
    assert words[:3] == ["python", "-m", "helpers.mock"]
    existing = {
        "/etc/course/keys.toml": str(ROOT / "requirements.txt"),
        "notebooks/media": str(ROOT / "notebooks/media"),
    }
    return mock_command._options([existing.get(word, word) for word in words[3:]])


# --- the container file ---


def test_every_stage_stands_on_one_before_it_or_on_a_python_that_the_course_runs_on():
    stages: set[str] = set()
    for name, rest in INSTRUCTIONS:
        if name == "FROM":
            image, stage = re.fullmatch(r"(\S+) AS (\S+)", rest).groups()  # pyright: ignore[reportOptionalMemberAccess]
            found = re.fullmatch(r"python:(\d+\.\d+)-slim", image)
            assert image in stages or (found and is_offered(found[1])), image
            stages.add(stage)
    assert stages == {"course", "mock", "lab", "user"}


def test_what_it_copies_and_installs_from_is_there_and_has_hashes():
    for name, rest in INSTRUCTIONS:
        words = [word for word in rest.split() if not word.startswith("--")]
        if name == "COPY":
            assert all((ROOT / word).exists() for word in words[:-1]), rest
        if name == "RUN" and "pip install" in rest:
            assert "--require-hashes" in rest
            assert all((ROOT / lock).is_file() for lock in re.findall(r"-r (\S+)", rest))


def test_what_it_runs_can_be_imported():
    calls = [word for line in LINES for word in re.findall(r'"?-m"?,? "?([a-z.]+)', line)]
    assert set(calls) == {"venv", "commands.setup", "helpers.mock", "jupyterlab"}
    assert all(importlib.util.find_spec(name) for name in calls)


def test_the_mock_in_it_listens_everywhere_and_only_with_a_key(monkeypatch, capsys):
    (words,) = [json.loads(rest) for name, rest in INSTRUCTIONS if name == "CMD" and "helpers.mock" in rest]
    monkeypatch.setenv("MOCK_KEY", "the-teachers-own-key")
    assert options_of_the_mock(words).host == "0.0.0.0"
    monkeypatch.delenv("MOCK_KEY")
    with pytest.raises(SystemExit):
        options_of_the_mock(words)
    assert "MOCK_KEY" in capsys.readouterr().err


def test_it_ends_as_nobody_in_particular():
    users = [rest for name, rest in INSTRUCTIONS if name == "USER"]
    assert users[-1] == users[0] == "1000"


def test_no_secret_and_no_environment_goes_into_an_image():
    kept_out = (ROOT / ".dockerignore").read_text("utf-8").split()
    for name in (".git", ".venv", ".venv-hub", "build", "keys.toml", "tls"):
        assert any(fnmatch(name, pattern) for pattern in kept_out), name
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split() if line.startswith("/")]
    assert set(ignored) <= set(kept_out)


# --- a cluster ---


def test_the_values_have_names_and_types_of_the_chart():
    assert fits(VALUES, CHART)
    assert not fits({"hub": {"extraFile": {}}}, CHART)
    assert not fits({"cull": {"timeout": "2 h"}}, CHART)


def test_the_mock_of_the_cluster_is_started_by_options_that_it_has(monkeypatch):
    (container,) = MOCK["spec"]["template"]["spec"]["containers"]
    monkeypatch.setenv(container["env"][0]["name"], "the-teachers-own-key")
    options = options_of_the_mock(container["args"])
    (port,) = SERVICE["spec"]["ports"]
    assert options.port == port["port"] == container["ports"][0]["containerPort"] == 8008
    assert (
        VALUES["singleuser"]["extraEnv"]["AZURE_INFERENCE_ENDPOINT"]
        == f"http://{SERVICE['metadata']['name']}:8008/models"
    )
    label = MOCK["spec"]["template"]["metadata"]["labels"]
    (egress,) = VALUES["singleuser"]["networkPolicy"]["egress"]
    assert label == SERVICE["spec"]["selector"] == egress["to"][0]["podSelector"]["matchLabels"]


def test_both_hubs_let_people_in_in_the_same_way():
    """The chart's hub has no `helpers`, so the same class stands there again."""
    own = ast.parse((ROOMS / "jupyterhub" / "jupyterhub_config.py").read_text("utf-8"))
    charts = ast.parse(VALUES["hub"]["extraConfig"]["course"])
    for tree in (own, charts):
        (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        assert found.name == "KeyAuthenticator"
        assert "compare_digest" in ast.unparse(found)
        assert "c.Authenticator.allowed_users = set(people)" in ast.unparse(tree)


# --- one click ---


def test_the_dev_container_is_of_names_that_there_are_and_makes_the_environment():
    assert set(DEV) <= DEV_CONTAINER
    assert is_offered(DEV["image"].rpartition(":")[2])
    python, flag, code = shlex.split(DEV["postCreateCommand"])
    assert (python, flag) == ("python3", "-c")
    module, name = re.match(r"from (\S+) import (\w+)", code).groups()  # pyright: ignore[reportOptionalMemberAccess]
    assert callable(getattr(importlib.import_module(module), name))
    where = DEV["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert where == "${containerWorkspaceFolder}/.venv/bin/python"


def test_binder_has_the_lock_of_the_lessons_and_a_python_that_they_run_on():
    folder = ROOT / ".binder"
    (lock,) = re.findall(r"^-r (\S+)$", (folder / "requirements.txt").read_text("utf-8"), re.M)
    assert (folder / lock).resolve() == ROOT / "requirements.txt"
    assert is_offered((folder / "runtime.txt").read_text("utf-8").strip().removeprefix("python-"))


def test_binders_last_step_can_be_run():
    step = ROOT / ".binder" / "postBuild"
    (call,) = re.findall(r"^python -m (\S+)$", step.read_text("utf-8"), re.M)
    assert importlib.util.find_spec(call)
    if os.name != "nt":
        assert os.access(step, os.X_OK)
        assert subprocess.run(["bash", "-n", str(step)], check=False).returncode == 0


def test_no_badge_promises_what_was_not_tried():
    for page in (ROOT / "README.md", ROOMS / "README.md"):
        assert not re.search(r"mybinder\.org/badge|codespaces/badge|badge_logo", Path(page).read_text("utf-8"))
