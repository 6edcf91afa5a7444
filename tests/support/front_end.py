"""A page with a person before it, as a kernel sees it: which cells are asked for, and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.support.places import ROOT

MOMENT, WHILE = timedelta(milliseconds=20), timedelta(seconds=10)


@dataclass
class FrontEnd:
    """A page with a person before it: cells are sent to a kernel with the moment at which they were asked for.

    `clock` is the page's own, years from the kernel's unless a test sets it; nothing here waits.
    """

    kernel: BlockingKernelClient
    clock: datetime = field(default_factory=lambda: datetime(2040, 1, 1, tzinfo=UTC))
    ended: datetime = field(default_factory=lambda: datetime.now(UTC))  # by the kernel's clock: its last answer

    def send(self, code: str, stdin: bool = True) -> str:
        """Asks for a cell without waiting for it; returns the message's id."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": stdin}
        message = self.kernel.session.msg("execute_request", content)
        message["header"]["date"] = self.clock
        self.kernel.shell_channel.send(message)
        return message["header"]["msg_id"]

    def result(self, asked: str) -> str:
        """What the cell of that message shows, as plain text."""
        shown: list[str] = []
        while True:
            message = self.kernel.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") != asked:
                continue
            kind, content = message["msg_type"], message["content"]
            assert kind != "error", content
            shown.append(content.get("text") or content.get("data", {}).get("text/plain", ""))
            if kind == "status" and content["execution_state"] == "idle":
                self.ended = message["header"]["date"]
                return "\n".join(filter(None, shown))

    def by_hand(self, code: str) -> str:
        """A cell that is run a while after everything before."""
        self.clock += WHILE
        return self.result(self.send(code))

    def at_once(self, *codes: str) -> list[str]:
        """Cells that are asked for in one go, as by Run All; what each shows."""
        self.clock += WHILE
        asked = []
        for code in codes:
            asked.append(self.send(code))
            self.clock += MOMENT
        return [self.result(one) for one in asked]


@contextmanager
def started() -> Iterator[BlockingKernelClient]:
    """A kernel in which nothing was run yet."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT))
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
