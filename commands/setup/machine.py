"""Which machines the course runs on, and what to say on one where it does not, before anything is fetched.

The locks have a wheel of everything for each of `MACHINES`: `tasks.py lock` writes none that has not.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

OLDEST, NEWEST = (3, 11), (3, 14)  # the Pythons with all packages


class Machine(NamedTuple):
    """A kind of machine: its name, as `sys.platform` and the processor have it, and the name that uv has for it."""

    name: str
    system: str
    processor: str
    target: str
    oldest: tuple[int, ...] = OLDEST


MACHINES = (
    Machine("Linux on x86-64", "linux", "x86_64", "x86_64-manylinux_2_28"),
    Machine("Linux on ARM64", "linux", "aarch64", "aarch64-manylinux_2_28"),
    Machine("macOS on Apple silicon", "darwin", "arm64", "aarch64-apple-darwin"),
    Machine("macOS on Intel", "darwin", "x86_64", "x86_64-apple-darwin"),
    Machine("Windows on x64", "win32", "amd64", "x86_64-pc-windows-msvc"),
    Machine("Windows on ARM64", "win32", "arm64", "aarch64-pc-windows-msvc", oldest=(3, 12)),
)
# The oldest release of the system that all wheels are made for; uv's targets mean the same ones.
RELEASES = {"linux": ("glibc", (2, 28)), "darwin": ("macOS", (13,))}


class Facts(NamedTuple):
    """What there is: the Python, and the machine under it. `release` is glibc's or macOS', empty when unknown."""

    python: tuple[int, ...]
    implementation: str
    bits: int
    free_threaded: bool
    system: str
    processor: str
    musl: bool
    release: tuple[int, ...]


def facts() -> Facts:
    """Those of this Python."""
    processor = sysconfig.get_platform().rpartition("-")[2]
    if processor.startswith("universal"):  # a Python for both kinds of Mac does not say on which it runs
        processor = platform.machine()
    release = platform.mac_ver()[0] if sys.platform == "darwin" else platform.libc_ver()[1]
    return Facts(
        python=sys.version_info[:2],
        implementation=platform.python_implementation(),
        bits=64 if sys.maxsize > 2**32 else 32,
        free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        system=sys.platform,
        processor=processor.lower(),
        musl="musl" in str(sysconfig.get_config_var("SOABI")),
        release=tuple(int(part) for part in release.split(".") if part.isdigit()),
    )


def refusal(there: Facts) -> str | None:
    """Why the course cannot be set up with this Python on this machine, in a sentence; None when it can."""
    machine = next((one for one in MACHINES if (one.system, one.processor) == (there.system, there.processor)), None)
    kind, oldest = RELEASES.get(there.system, ("", ()))
    if there.implementation != "CPython" or there.free_threaded:
        return f"This needs the usual Python from python.org, and this is {_special(there)}."
    if there.bits != 64:
        return "This needs a Python of 64 bits, and this one has 32: python.org has both."
    if there.musl:
        return (
            "This Linux has musl for a C library, as Alpine has, and not all packages are made for it: "
            "take a system or an image with glibc, such as Debian."
        )
    if machine is None:
        return f"Not all packages are made for {there.system} on {there.processor}. They are for {', '.join(names())}."
    if there.python < machine.oldest:
        return "On {} this needs Python {}.{} or later.".format(machine.name, *machine.oldest)
    if there.python > NEWEST:
        sentence = "Not all packages are made for Python {}.{} yet: take {}.{}".format(*there.python, *NEWEST)
        other = other_python()
        return f"{sentence}, which is here as {other}." if other else f"{sentence}."
    # macOS 10.16 is what newer ones answer to programs that were built for old ones.
    if there.release and there.release < oldest and there.release[:2] != (10, 16):
        return "This needs {} {} or later, and this is {}.".format(kind, *map(_dotted, (oldest, there.release)))
    return None


def other_python() -> str | None:
    """The newest Python on this machine's path that will do, by its command; None when there is none."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        command = f"python3.{minor}"
        if shutil.which(command):
            answer = subprocess.run([command, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if answer.returncode == 0:  # what stands there may be a door to one that is not installed
                return command
    return None


def names() -> list[str]:
    """The kinds of machines, as the README has them."""
    return [
        machine.name + (" (from Python {}.{})".format(*machine.oldest) if machine.oldest > OLDEST else "")
        for machine in MACHINES
    ]


def _special(there: Facts) -> str:
    return "one without the global lock" if there.free_threaded else there.implementation


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def too_full(folder: Path, megabytes: int) -> str | None:
    """What to say when that much does not fit on the disk of `folder`; None when it does, or nobody knows."""
    while not folder.exists():
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free // 10**6
    except OSError:
        return None
    if free >= megabytes:
        return None
    return f"The disk is too full: {folder} has {free} MB left, and this takes {megabytes} MB."
