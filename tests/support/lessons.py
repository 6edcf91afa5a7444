"""Runs lessons elsewhere than on the bundled mock, and says cell by cell how that went.

An endpoint that is not the mock answers in its own words and can do less. So words are not compared: a cell passes when
it runs; what the endpoint cannot do, and what depends on that, is skipped with the reason; everything else that breaks
is a failure.
"""

from __future__ import annotations

import inspect
import json
import os
import symtable
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, v4

from helpers.endpoint import PAIRS
from tests.support.kernels import Kernel
from tests.support.places import NOTEBOOKS

LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))

# Everything that could name an endpoint, a key, a model or an identity: the SDKs' variables and the older names.
ENDPOINT_PREFIXES = ("AZURE_", "AZUREAI_", "IDENTITY_", "MSI_", "MODEL_INFERENCE_UPSTREAM")
SECRETS = (*(key for _, key in PAIRS), "AZURE_CLIENT_SECRET")


# The variables of that kind which the caller's environment had, for the tests that are about that endpoint.
YOURS = pytest.StashKey[dict[str, str]]()


@dataclass(frozen=True)
class Target:
    """An endpoint to run lessons on, as the variables that name it: address, key, models, api-version."""

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)  # a report must not show the key

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a kernel whose `connect()` is to find this endpoint and no other."""
        return {**without_endpoints(os.environ), **self.variables}

    @property
    def endpoint(self) -> str:
        """The address, by the newer name or the older one; empty when neither is there."""
        return next((self.variables[url] for url, _ in PAIRS if self.variables.get(url)), "")

    @property
    def key(self) -> str:
        """The key of the same pair of names; empty when there is none."""
        return next((self.variables.get(key, "") for url, key in PAIRS if self.variables.get(url)), "")

    def without_secrets(self, text: str) -> str:
        """`text` with the name of the variable in place of each secret."""
        for name in SECRETS:
            if value := self.variables.get(name):
                text = text.replace(value, f"${name}")
        return text


@dataclass(frozen=True)
class CellResult:
    """How one code cell fared. `number` counts code cells from 1, as the page shows them."""

    number: int
    status: Literal["passed", "skipped", "failed"]
    reason: str = ""


def without_endpoints(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what could lead a lesson away from the mock."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(ENDPOINT_PREFIXES)}


def run_lesson(
    path: Path,
    target: Target,
    lacking: Mapping[str, str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    timeout: int = 120,
    on_the_mock: bool = False,
) -> list[CellResult]:
    """Execute a notebook on an endpoint that is not the bundled mock; one result for each code cell, in order.

    `lacking` says what the endpoint is known not to do, as {"tools": "why"} (see `tests/support/abilities.py`): cells
    tagged `needs-tools` are then not executed. `parameters` replace those that the lesson has under the same name.
    `timeout` is in seconds for each cell. `on_the_mock` says that it is the mock, with a model behind it: cells tagged
    `mock` are executed, and skipped only when they raise, for what they need may be its own words.

    skipped: a cell tagged `mock`; a cell tagged `needs-...` that raises; a cell whose call the endpoint refused; a cell
    that took too long; a cell that misses a name which a skipped cell would have defined. failed: any other error.
    A name that a cell would have given a new value is deleted when it did not come to that, so that no later cell goes
    on with the value from before.
    """
    book = nbformat.read(path, as_version=4)
    client = NotebookClient(
        book,
        timeout=timeout,
        interrupt_on_timeout=True,
        allow_errors=True,
        kernel_name="python3",
        kernel_manager_class=Kernel,
        resources={"metadata": {"path": str(path.parent)}},
    )
    run = _Run(client, target, lacking or {}, parameters or {}, timeout, on_the_mock)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    with client.setup_kernel(env=target.environment):
        run.tell(f"from typing import Any\n{inspect.getsource(_Watch)}\n_watch = _Watch(get_ipython())\ndel Any")
        return [run.cell(number, cell) for number, cell in enumerate(cells, 1)]


def count(results: list[CellResult], status: str) -> int:
    """How many cells have that status."""
    return sum(result.status == status for result in results)


def by_reason(results: list[CellResult], status: str) -> dict[str, list[int]]:
    """The numbers of the cells with that status, for each reason."""
    grouped: dict[str, list[int]] = {}
    for result in results:
        if result.status == status:
            grouped.setdefault(result.reason, []).append(result.number)
    return grouped


class _Run:
    """One lesson on its way through a kernel: what is missing so far, and from which cell."""

    def __init__(
        self,
        client: NotebookClient,
        target: Target,
        lacking: Mapping[str, str],
        parameters: Mapping[str, Any],
        timeout: int,
        on_the_mock: bool,
    ) -> None:
        self.client, self.target, self.timeout, self.on_the_mock = client, target, timeout, on_the_mock
        self.lacking, self.parameters = lacking, parameters
        self.missing: dict[str, int] = {}  # name -> the cell that should have defined it
        self.dead = False

    def tell(self, code: str) -> str:
        """Runs code of ours in the kernel, between the lesson's cells, and returns what it printed."""
        outputs = self._execute(v4.new_code_cell(code)).outputs
        return "".join(output.text for output in outputs if output.output_type == "stream")

    def cell(self, number: int, cell: NotebookNode) -> CellResult:
        """Executes the cell, unless it is known that it cannot work here."""
        if self.dead:
            return CellResult(number, "failed", "not executed, because the kernel had died")
        tags = cell.metadata.get("tags", [])
        needs = [tag.removeprefix("needs-") for tag in tags if tag.startswith("needs-")]
        needs += ["the mock's own words"] if "mock" in tags and self.on_the_mock else []
        try:
            elsewhere = "mock" in tags and not self.on_the_mock
            if reason := "needs the mock" if elsewhere else self._known(needs):
                result = CellResult(number, "skipped", reason)
                self._settle(number, cell, executed=False)
            elif any(output.output_type == "error" for output in self._execute(cell).outputs):
                result = self._judge(number, needs, json.loads(self.tell("print(_watch.report())")))
                self._settle(number, cell, executed=True)
            else:
                result = CellResult(number, "passed")
                self._settle(number, cell, executed=True, passed=True)
                if "parameters" in tags:
                    self._set_parameters(cell)
        except DeadKernelError:
            self.dead = True
            result = CellResult(number, "failed", "the kernel died")
        return result

    def _set_parameters(self, cell: NotebookNode) -> None:
        names, _ = _names(cell.source)
        self.tell("\n".join(f"{name} = {value!r}" for name, value in self.parameters.items() if name in names))

    def _execute(self, cell: NotebookNode) -> NotebookNode:
        # The index says only where the client stores the executed cell, in a notebook that is thrown away.
        return self.client.execute_cell(cell, 0, store_history=False)

    def _known(self, needs: list[str]) -> str:
        return next((f"needs {need}: {self.lacking[need]}" for need in needs if need in self.lacking), "")

    def _judge(self, number: int, needs: list[str], error: dict[str, Any]) -> CellResult:
        kinds, said = error["kinds"], self.target.without_secrets(error["message"]) or error["kinds"][0]
        if "NameError" in kinds and error["name"] in self.missing:
            reason = f"depends on cell {self.missing[error['name']]}"
        elif needs:
            reason = f"needs {' and '.join(needs)}: {said}"
        elif {"HttpResponseError", "APIStatusError"} & set(kinds):  # of azure.core and of openai
            reason = f"the endpoint answered {error['status']}: {said}"
        elif {"ServiceResponseError", "APIConnectionError"} & set(kinds):
            reason = f"the endpoint broke off: {said}"
        elif "KeyboardInterrupt" in kinds:
            reason = f"took longer than {self.timeout} s"
        else:
            return CellResult(number, "failed", f"{kinds[0]}: {said}")
        return CellResult(number, "skipped", reason)

    def _settle(self, number: int, cell: NotebookNode, executed: bool, passed: bool = False) -> None:
        names, values = _names(cell.source)
        lost = [] if passed else json.loads(self.tell(f"print(_watch.forget({names!r}, {values!r}, {executed}))"))
        self.missing = {name: by for name, by in self.missing.items() if name not in names}
        self.missing |= dict.fromkeys(lost, number)


def _names(source: str) -> tuple[list[str], list[str]]:
    """The names that a cell defines, and those among them that get a new value (an import gives the one they have)."""
    table = symtable.symtable(TransformerManager().transform_cell(source), "cell", "exec")
    symbols = [symbol for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()]
    names = sorted(symbol.get_name() for symbol in symbols)
    return names, sorted(symbol.get_name() for symbol in symbols if not symbol.is_imported())


class _Watch:
    """Lives in the lesson's kernel; knows the last error, and the names as they were before the lesson's last cell."""

    def __init__(self, shell: Any) -> None:
        self.shell, self.before = shell, {}
        shell.events.register("pre_run_cell", self.remember)

    def remember(self, info: Any) -> None:
        """Called by IPython before each cell."""
        if "_watch." not in info.raw_cell:
            self.before = dict(self.shell.user_ns)

    def report(self) -> str:
        """The last error as JSON: its class and bases, its first line, its HTTP status, the name that was missing."""
        import json
        import sys

        error = sys.last_value
        return json.dumps(
            {
                "kinds": [kind.__name__ for kind in type(error).__mro__],
                "message": next(iter(str(error).strip().splitlines()), ""),
                "status": getattr(error, "status_code", None),
                "name": getattr(error, "name", None),
            }
        )

    def forget(self, names: list[str], values: list[str], executed: bool) -> str:
        """Deletes those of `values` that the cell left as they were; those of `names` that do not exist, as JSON."""
        import json

        now = self.shell.user_ns
        for name in values:
            if not executed or (name in self.before and now.get(name) is self.before[name]):
                now.pop(name, None)
        return json.dumps([name for name in names if name not in now])
