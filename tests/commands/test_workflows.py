"""The workflows of GitHub's: of a form that GitHub takes, and with the commands of the README in them."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import tasks
from commands.setup import machine
from commands.site import __main__ as site
from tests.support.places import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.heavy
def test_they_have_the_form_that_github_publishes(site_python: Path):
    command = [str(site_python.with_name("check-jsonschema")), "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *map(str, WORKFLOWS)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_what_they_run_is_a_command_of_the_project(workflow: Path):
    run = [step["run"] for step in steps(workflow) if "run" in step]
    assert run
    for line in run:
        if line == ".ci/run":
            continue
        python, script, command, *arguments = shlex.split(line)
        assert (python, script) == ("python3", "tasks.py")
        assert command in tasks.COMMANDS
        if command == "site":
            site.parser().parse_args(arguments)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_has_its_version_and_a_job_an_end(workflow: Path):
    uses = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", each) for each in uses)
    for job in yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values():
        assert job["timeout-minutes"] <= 60


def test_the_tests_run_on_the_oldest_and_the_newest_python():
    (job,) = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["{}.{}".format(*each) for each in (machine.OLDEST, machine.NEWEST)]


def test_the_site_that_is_uploaded_is_the_one_that_was_built():
    (upload,) = [
        step for step in steps(ROOT / ".github" / "workflows" / "site.yml") if "upload" in step.get("uses", "")
    ]
    assert ROOT / upload["with"]["path"] == site.parser().get_default("target")
