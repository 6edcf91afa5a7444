"""Kernels that start in a moment: forked from a process that has imported what the lessons import.

Half of what a lesson costs is the start of its kernel and its imports. They are new kernels all the same: nothing is
shared but modules and tables that nobody changes. That a lesson needs no such help is shown by its script, which an
interpreter of its own runs, by `make run`, and by nbval where it is called for a lesson alone.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner


class _Forking(KernelManager):
    """A forked kernel. Where forking is not safe it is started as always, and so it is where its environment names
    other authorities to trust: aiohttp reads that when it is imported.

    It is spoken to through sockets that have a name of their own and no file. A port that was free when it was looked
    for can be another's when the kernel takes it.
    """

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        trusted = (variables.get("SSL_CERT_FILE") for variables in (options.get("env", os.environ), os.environ))
        if sys.platform == "linux" and len(set(trusted)) == 1 and self.provisioner is None:
            self.kernel_id = self.kernel_id or options.get("kernel_id") or str(uuid4())
            self.transport, self.ip = "ipc", f"@{self.kernel_id}"
            self.provisioner = _Forked(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**options)


class Kernel(_Forking, AsyncKernelManager):
    """For those who await it."""


class BlockingKernel(_Forking):
    """For those who wait for it, as nbval does."""


class _Forked(LocalProvisioner):
    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        context = get_context("forkserver")
        context.set_forkserver_preload(["tests.support.warm"])
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.cwd = options.get("cwd") or str(Path.cwd())
        process = context.Process(target=_kernel, args=(arguments, self.cwd, options["env"]))
        process.start()
        self.process = _Process(process)
        self.pid = self.pgid = process.pid
        return self.connection_info


class _Process:
    """A forked process, by the names that a started one has."""

    stdin = stdout = stderr = None

    def __init__(self, forked: BaseProcess) -> None:
        self._forked = forked

    def poll(self) -> int | None:
        return self._forked.exitcode

    def wait(self) -> int | None:
        self._forked.join()
        return self._forked.exitcode

    def send_signal(self, number: int) -> None:
        if self._forked.pid:
            os.kill(self._forked.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _kernel(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Is the kernel, in a process group of its own, as if it had been started; it ends when its parent has ended."""
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["ipykernel_launcher", *arguments]
    IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
