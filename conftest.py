"""What holds for every test. It stands here and not in tests/, so that `pytest notebooks/01-basics.ipynb` finds it."""

from __future__ import annotations

import gc
import os
import tomllib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import nbval.kernel
import pytest
from hypothesis import settings

from commands.setup.course import FAILURE
from commands.setup.environment import LITELLM, SITE, SMOLLM, Beside, missing, set_up
from commands.setup.steps import SetUpError, python_of
from tests.support.kernels import BlockingKernel
from tests.support.lessons import YOURS, without_endpoints
from tests.support.order import Scheduling, by_file, from_the_end, longest_first
from tests.support.places import ROOT
from tests.support.samples import mark_the_others

# The same examples on every run and machine, and no clock: a red test is red for everybody.
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("steady")

# Seven thousand tests and what they import stay to the end. Python would look through all that for garbage again and
# again, which takes a quarter of the time in which they are collected.
gc.set_threshold(100_000, 50, 50)

# nbval lays out every message of a kernel for a log that is off, which takes more than half of its time. Unformatted,
# a message is as good for those who switch the log on.
nbval.kernel.pformat = lambda message: message


def pytest_configure(config: pytest.Config) -> None:
    """Lay the endpoint that the caller's environment names aside: what is not about it runs on the mock.

    Kernels inherit this environment. `test_real_endpoint.py` takes the variables from the stash. A worker of
    pytest-xdist is handed them by the process that started it, which has laid them aside already.
    """
    kept = without_endpoints(os.environ)
    yours = {name: os.environ.pop(name) for name in set(os.environ) - set(kept)}
    config.stash[YOURS] = getattr(config, "workerinput", {}).get("yours", yours)
    if hasattr(config, "workerinput"):
        nbval.kernel.KernelManager = BlockingKernel


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the caller's endpoint to a worker of pytest-xdist."""
    node.workerinput["yours"] = node.config.stash[YOURS]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Have the workers end at the same time."""
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Workers read the folders from both ends: what one has compiled the other finds compiled."""
    report = yield
    if isinstance(collector, pytest.Directory) and from_the_end(collector.config):
        report.result.reverse()
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Some lessons stand for all, before pytest leaves out what is slow; where several work, what is long begins."""
    mark_the_others(items)
    if hasattr(config, "workerinput"):
        by_file(items)
    yield
    if hasattr(config, "workerinput"):
        longest_first(items)


@pytest.fixture(scope="session")
def litellm_python() -> Path:
    """The Python of the environment with the LiteLLM proxy, which its tests make. Where it cannot be made they are
    skipped (on CI they fail)."""
    try:
        return set_up(LITELLM.venv, [LITELLM.lock])
    except SetUpError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def smollm_python() -> Path:
    """The Python of the environment with a small language model."""
    return _python_of(SMOLLM)


@pytest.fixture(scope="session")
def site_python() -> Path:
    """The Python of the environment that builds the site."""
    return _python_of(SITE)


def _python_of(beside: Beside) -> Path:
    """The Python of an environment of its own; without one, a skip that says why (on CI a failure)."""
    if not missing(beside.venv, [beside.lock]):
        return python_of(beside.venv)
    failure = beside.venv / FAILURE
    reason = failure.read_text("utf-8") if failure.exists() else "`tasks.py test` makes it, and it was not called"
    message = f"no environment {beside.venv.name}: {reason}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which cells of the lessons are run and not compared, and what papermill could not vary, and why."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    notes = [text for r in reports for name, text in getattr(r, "user_properties", ()) if name == "note"]
    if notes := sorted(set(map(str, notes))):
        terminalreporter.section(f"lessons on another endpoint, with exceptions: {len(notes)}")
        terminalreporter.write("".join(f"{note}\n" for note in notes))
    rows = tomllib.loads((ROOT / "tests" / "notebooks" / "not_compared.toml").read_text("utf-8")).get("cell", [])
    terminalreporter.section(f"cells of the lessons that are not compared: {len(rows)}")
    for row in rows:
        terminalreporter.line(f"{row['lesson']}: {row['why']}")
