"""Is everything here that the lessons need? A table that says so, or says in words what is wrong and what to do."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterable
from importlib import metadata
from typing import NamedTuple

from . import page
from .display import present, stacked, table, words
from .media import PROJECT

# What a reader meets by name. The rest of pyproject.toml is asked for as well, and named when something is wrong.
NAMED = ("azure-ai-inference", "azure-identity", "jupyterlab", "ipywidgets", "pillow", "papermill", "openai")
SET_UP = "Run the set-up of the README again (make lab, or py tasks.py lab), and choose the kernel of its .venv."


class Finding(NamedTuple):
    """What was looked at, what is needed, what is here, and what to do about it (empty when it is right)."""

    what: str
    needed: str
    here: str
    wrong: str = ""


def self_check() -> None:
    """Shows the versions of what the lessons use, and whether Python, packages, files and the mock are in order.

    The ranges come from pyproject.toml, or from the wheel's own. Nothing is changed, and nothing is asked of a network.
    """
    findings = [_python(), *_packages(), _media(), _mock()]
    wrong = [finding for finding in findings if finding.wrong]
    rows = [
        (finding.what, finding.needed, finding.here, "to mend" if finding.wrong else "✓")
        for finding in findings
        if finding.wrong or finding.what not in _unnamed()
    ]
    verdict = "Everything is in order." if not wrong else f"{len(wrong)} to mend:"
    said = "\n".join([verdict, *(f"{finding.what}: {finding.wrong}" for finding in wrong)])
    present(stacked(table("What the lessons need", ["", "needed", "here", ""], rows), words(said)))


def _python() -> Finding:
    oldest, newest = sorted(map(int, re.findall(r"3\.(\d+)", _project()["requires-python"])))  # >=3.11,<3.15
    right = (3, oldest) <= sys.version_info < (3, newest)
    here = "{}.{}".format(*sys.version_info)
    wrong = "" if right else f"This kernel runs Python {here}. {SET_UP}"
    # A committed output must be the same for everybody: which Python it is says only the one that does not fit.
    return Finding("Python", f"3.{oldest} to 3.{newest - 1}", "yes" if right else here, wrong)


def _packages() -> Iterable[Finding]:
    from packaging.requirements import Requirement

    for line in _project()["dependencies"]:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        needed = ", ".join(sorted(str(wanted.specifier).split(","), reverse=True))
        try:
            here = _version(wanted.name)
        except metadata.PackageNotFoundError:
            if page.HERE:  # what runs beside the lessons, such as JupyterLab, is not part of a page
                continue
            yield Finding(wanted.name, needed, "nothing", f"The package is not installed in this kernel. {SET_UP}")
            continue
        right = wanted.specifier.contains(here, prereleases=True)
        wrong = "" if right else f"Version {here} is outside {needed}, which the lessons are written for. {SET_UP}"
        yield Finding(wanted.name, needed, here, wrong)


def _version(name: str) -> str:
    return page.packages()[name] if page.HERE and name in page.packages() else metadata.version(name)


def _unnamed() -> set[str]:
    from packaging.requirements import Requirement

    return {Requirement(line).name for line in _project()["dependencies"]} - set(NAMED)


def _media() -> Finding:
    folder = PROJECT / "notebooks" / "media"
    count = sum(path.suffix in (".png", ".wav", ".mp3") for path in folder.glob("*"))
    wrong = "" if count else "The folder has no picture and no sound in it: copy the whole project, not parts of it."
    return Finding("pictures and sounds", "in notebooks/media", f"{count} files" if count else "none", wrong)


def _mock() -> Finding:
    return Finding("the mock", "answers", *_tried(_ask_the_mock))


def _ask_the_mock() -> None:
    """One question to a mock in this process, without a network."""
    from azure.ai.inference import ChatCompletionsClient
    from azure.core.credentials import AzureKeyCredential

    from .mock import in_process

    mock = in_process()
    with ChatCompletionsClient(mock.endpoint, AzureKeyCredential(mock.key), transport=mock.transport()) as client:
        client.complete(messages=[{"role": "user", "content": "Say hello."}], model="mistral-large-2407")


def _tried(work: Callable[[], None]) -> tuple[str, str]:
    try:
        work()
    except Exception as error:  # whatever it is, it belongs into the table
        return "no", f"It stopped with {type(error).__name__}: {error}. {SET_UP}"
    return "yes", ""


def _project() -> dict:
    """What pyproject.toml says of the project, or where only the wheel is here, what that says of itself."""
    file = PROJECT / "pyproject.toml"
    if file.exists():
        return tomllib.loads(file.read_text("utf-8"))["project"]
    told = metadata.metadata("azure-ai-inference-notebooks")
    return {"requires-python": told["Requires-Python"], "dependencies": told.get_all("Requires-Dist")}
