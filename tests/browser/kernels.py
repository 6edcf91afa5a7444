"""The kernels of the JupyterLab under test, forked like those of the other tests."""

from __future__ import annotations

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from tests.support.kernels import Kernel


class LabKernel(Kernel, ServerKernelManager):
    """A forked kernel that JupyterLab knows how to watch."""
