"""What takes the place of threads and of other programs in a page, tried on this machine's Python."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from helpers import page


def test_a_pool_works_through_its_calls_one_after_the_other():
    with page.OneByOne(8) as pool:
        assert list(pool.map(abs, [-1, -2])) == [1, 2]
        failed = pool.submit(int, "no number")
        assert pool.submit(threading.get_ident).result() == threading.get_ident()
    with pytest.raises(ValueError, match="no number"):
        failed.result()


def test_this_python_runs_a_module_in_place_and_everything_is_as_before(tmp_path):
    (tmp_path / "greet.py").write_text("import os, sys\nprint(os.environ['NAME'], sys.argv[1:])\nsys.exit(3)", "utf-8")
    arguments = list(sys.argv)
    done = page.run([sys.executable, "-m", "greet", "now"], cwd=tmp_path, env={"NAME": "Ada"}, text=True)
    assert (done.returncode, done.stdout) == (3, "Ada ['now']\n")
    assert sys.argv == arguments
    with pytest.raises(subprocess.CalledProcessError):
        page.run([sys.executable, "-m", "greet"], cwd=tmp_path, env={"NAME": "Ada"}, check=True)


def test_any_other_program_and_any_thread_is_refused_in_a_sentence():
    with pytest.raises(OSError, match="starts no other program"):
        page.run(["ls"])
    with pytest.raises(RuntimeError, match="starts no threads"):
        page._no_thread(threading.Thread())
    for sentence in (page.NO_THREAD, page.NO_PROGRAM, page.NO_ENDPOINT):
        assert sentence.endswith(page.INSTEAD)
