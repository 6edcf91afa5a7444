"""What tests start ends with them, also where they are killed."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from tests.support.places import ROOT

_STARTER = """
import subprocess, sys, time
from tests.support.ending import WITH_US
server = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True, **WITH_US)
print(server.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone ends what another process has started")
def test_a_server_in_a_session_of_its_own_ends_with_tests_that_are_killed():
    command = [sys.executable, "-c", _STARTER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout
        server = psutil.Process(int(tests.stdout.readline()))
        assert server.is_running()
        tests.kill()
    assert server.wait(10) is None
