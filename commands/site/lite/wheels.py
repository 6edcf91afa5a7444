"""Wheels of our own for the page, and the lock that tells Pyodide of all of them."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterable, Mapping
from email.parser import Parser
from pathlib import Path
from typing import Any

from commands.setup.places import ROOT

from .gather import PACKAGES, MissingError, applies

STANDINS = Path(__file__).parent / "standins"
NAMES = {"rpds": "rpds-py"}  # of a stand-in that is imported by another name
_LONG_AGO = (2026, 1, 1, 0, 0, 0)  # the same wheel, byte for byte, whenever it is made


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def write_wheel(folder: Path, name: str, version: str, files: Mapping[str, bytes]) -> None:
    """A wheel of pure Python, with these files."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: site\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in files.items())
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as packed:
        for path, data in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()}.items():
            packed.writestr(zipfile.ZipInfo(path, _LONG_AGO), data, zipfile.ZIP_DEFLATED)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _tree(folder: Path, prefix: str) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}


def own_wheels(folder: Path, decoder: Path) -> None:
    """The course, the stand-ins, and what of a package is enough. `decoder` is the folder of npm's mpg123-decoder."""
    locks = "".join((ROOT / name).read_text("utf-8") for name in ("requirements.txt", "requirements-dev.txt"))

    def version(name: str) -> str:
        found = re.search(rf"^{re.escape(name)}==(\S+)", locks, re.M)
        return found[1] if found else "0"

    course = _tree(ROOT / "helpers", "helpers") | _tree(ROOT / "notebooks" / "media", "notebooks/media")
    for path in (ROOT / "pyproject.toml", ROOT / "requirements.txt", *sorted((ROOT / "notebooks").glob("*.ipynb"))):
        course[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    write_wheel(folder, "course", "0", course)
    for module in sorted(STANDINS.iterdir()):
        name = NAMES.get(module.name, module.name)
        files = _tree(module, module.name)
        if module.name == "soundfile":
            files["soundfile/mpg123-decoder.min.js"] = (decoder / "dist" / "mpg123-decoder.min.js").read_bytes()
        write_wheel(folder, name, version(name), files)
    # Five megabytes without which IPython completes as well.
    write_wheel(folder, "jedi", version("jedi"), {"jedi/__init__.py": b"raise ImportError('not in a page')\n"})


def lock(wheels: Iterable[Path], info: Mapping[str, Any]) -> tuple[dict[str, Any], list[Path]]:
    """Pyodide's lock for these wheels, the first of each name, and which those are.

    MissingError when one needs what is not among them.
    """
    packages: dict[str, dict[str, Any]] = {}
    used = []
    for path in wheels:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            said = packed.read(next(name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)))
        metadata = Parser().parsestr(said.decode())
        name = canonical(metadata["Name"])
        if name in packages:
            continue
        used.append(path)
        packages[name] = {
            "name": metadata["Name"],
            "version": metadata["Version"],
            "file_name": path.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": PACKAGES["imports"].get(name, sorted(_modules(names))),
            "depends": PACKAGES["needs"].get(name, _needs(metadata.get_all("Requires-Dist") or [])),
            "unvendored_tests": False,
        }
    for name, package in packages.items():
        missing = [each for each in package["depends"] if each not in packages]
        if unknown := set(missing) - set(PACKAGES["without"]):
            raise MissingError(f"{name} needs {', '.join(sorted(unknown))}, of which packages.toml says nothing")
        package["depends"] = [each for each in package["depends"] if each in packages]
    return {"info": dict(info), "packages": packages}, used


def _modules(names: Iterable[str]) -> set[str]:
    found = set()
    for name in names:
        first, _, rest = name.partition("/")
        if first.endswith((".dist-info", ".data")):
            continue
        if rest or first.endswith((".py", ".so")):
            found.add(first.partition(".")[0])
    return found


def _needs(requirements: Iterable[str]) -> list[str]:
    found = []
    for requirement in requirements:
        wanted, _, marker = requirement.partition(";")
        if "extra" not in marker and applies(marker.strip()):
            name = re.match(r"[\w.-]+", wanted.strip())
            found.append(canonical(name[0] if name else ""))
    return list(dict.fromkeys(found))
