"""What installs the packages of a lock: uv where it is on the machine or can be had, and pip where it cannot.

Both take wheels only and compare each with the hash that the lock has for it. uv takes a twentieth of pip's time. It
reads none of pip's settings, in which many a company says where packages come from: those are handed to it here.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import machine
from .places import ROOT, VENV
from .steps import SetUpError, base_python, clean_environment, python_of, step

UV_LOCK = ROOT / "requirements-uv.txt"
_PROGRAM = "uv.exe" if os.name == "nt" else "uv"

# Settings of pip that uv has as well, by the variable that it reads, and what stands between several values there.
_SHARED = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "proxy": ("ALL_PROXY", " "),
}
_SETTING = re.compile(r"^(global|install|:env:)\.([\w-]+)=(.+)$", re.M)
_FULL = ("No space left on device", "Disk quota exceeded", "There is not enough space on the disk")


def install(venv: Path, locks: Sequence[Path], wheelhouse: Path | None = None, megabytes: int = 0) -> None:
    """Installs what the locks say into an environment, from the network or a folder of wheels. Raises SetUpError.

    `megabytes` is what that takes on the disk.
    """
    uv = find_uv(venv, wheelhouse)
    if uv is not None:
        command = [uv, "pip", "install", "--quiet", "--python", str(python_of(venv)), "--require-hashes"]
        variables = {**uv_settings(venv, wheelhouse), **_cache(uv, venv, megabytes)}
        try:
            step(_with(command, locks, wheelhouse), venv, variables)
        except SetUpError as error:
            if any(full in str(error) for full in _FULL):
                raise
            print(f"uv could not do it ({_first_line(error)}); pip tries.", flush=True)
        else:
            return
        finally:
            shutil.rmtree(str(_own_cache(venv)), ignore_errors=True)
    pip = [*_pip_inside(venv), "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-compile"]
    try:
        step(_with([*pip, "--require-hashes"], locks, wheelhouse), venv)
    except SetUpError as error:
        said = re.sub(r"^WARNING: .*\n", "", str(error), flags=re.M)  # each try of each package
        hint = 'Is there a network? For a place without one, see "A room without internet" in README.md.'
        raise SetUpError(f"{said}\n{hint}") from None


def find_uv(venv: Path, wheelhouse: Path | None = None) -> str | None:
    """uv: the machine's, one that was fetched before, or a new one, in a folder of the environment; None without."""
    fetched = [folder / "uv" / "bin" / _PROGRAM for folder in (venv, VENV)]
    for found in (shutil.which("uv"), *map(str, fetched)):
        if found and _runs([found, "--version"], venv):
            return found
    pip = [base_python(), "-m", "pip"]
    try:
        if not _runs([*pip, "--version"], venv):
            pip = _pip_inside(venv)
        command = [*pip, "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-compile"]
        command += ["--require-hashes", "--retries", "1", "--target", str(venv / "uv")]
        step(_with(command, [UV_LOCK], wheelhouse), venv)
    except SetUpError:
        return None
    return str(fetched[0]) if _runs([str(fetched[0]), "--version"], venv) else None


def _with(command: list[str], locks: Sequence[Path], wheelhouse: Path | None) -> list[str]:
    offline = [] if wheelhouse is None else ["--no-index", "--find-links", str(wheelhouse)]
    requirements = [word for lock in locks for word in ("--requirement", str(lock))]
    # A lock names all that is to be there, and nothing else is wanted.
    return [*command, "--only-binary", ":all:", "--no-deps", *offline, *requirements]


def _pip_inside(venv: Path) -> list[str]:
    """pip of the environment itself, which is made without one because uv needs none."""
    pip = [str(python_of(venv)), "-m", "pip"]
    if not _runs([*pip, "--version"], venv):
        try:
            step([str(python_of(venv)), "-m", "ensurepip"], venv)
        except SetUpError as error:
            hint = "On Debian and Ubuntu the package python3-venv brings what is missing."
            raise SetUpError(f"{error}\n{hint}") from None
    return pip


def _runs(command: list[str], venv: Path) -> bool:
    """Whether a program is there and starts."""
    try:
        done = subprocess.run(
            command, env=clean_environment(venv), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def uv_settings(venv: Path, wheelhouse: Path | None) -> dict[str, str]:
    """The variables for uv that follow from what pip is told of the network; what uv is told itself counts more."""
    if wheelhouse is not None:
        return {}
    try:
        listed = step([base_python(), "-m", "pip", "--disable-pip-version-check", "config", "list"], venv)
    except SetUpError:  # there is no pip to ask
        listed = ""
    return {name: value for name, value in uv_variables(listed).items() if name not in os.environ}


def uv_variables(settings: str) -> dict[str, str]:
    """The variables that make uv look where pip looks, from pip's list of its settings.

    As pip does, it trusts the authorities that the system trusts, and takes the best version of all places.
    """
    variables = {"UV_SYSTEM_CERTS": "1", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    rank = ("global", "install", ":env:")  # a later one is stronger
    for _, name, value in sorted(_SETTING.findall(settings), key=lambda found: rank.index(found[0])):
        if name in _SHARED:
            variable, between = _SHARED[name]
            variables[variable] = between.join(str(ast.literal_eval(value)).split())
    return variables


def _cache(uv: str, venv: Path, megabytes: int) -> dict[str, str]:
    """Nothing where uv's cache can take the packages, otherwise the variable that puts one beside the environment."""
    try:
        usual = Path(step([uv, "cache", "dir"], venv))
    except SetUpError:
        return {}
    there = next((folder for folder in (usual, *usual.parents) if folder.exists()), usual)
    if os.access(str(there), os.W_OK) and not machine.too_full(there, megabytes):
        return {}
    return {"UV_CACHE_DIR": str(_own_cache(venv))}


def _own_cache(venv: Path) -> Path:
    return venv / "uv-cache"


def _first_line(error: SetUpError) -> str:
    return str(error).partition("\n")[0][:200]
