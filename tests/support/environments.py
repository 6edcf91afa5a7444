"""An environment that is small enough to be made in a test: of one module, from a folder of wheels."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import zipfile
from pathlib import Path

from commands.setup.environment import Lock, set_up
from commands.setup.steps import python_of


def make_wheel(wheelhouse: Path, name: str, version: str) -> str:
    """A wheel of one module that knows its version; returns the line of a lock."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"version = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD,,\n"
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    file = wheelhouse / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        for path, content in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(path, content)
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


class Small:
    """A lock of one module, a folder of wheels, and the environment made of them."""

    def __init__(self, folder: Path) -> None:
        self.wheelhouse = folder / "wheels with a space"
        self.wheelhouse.mkdir(parents=True)
        self.venv, self.lock = folder / "Bücher und mehr", Lock(folder / "lock.txt", 1)
        self.lines = {version: make_wheel(self.wheelhouse, "tinymodule", version) for version in ("1.0", "2.10")}
        self.asks_for(self.lines["1.0"])

    def asks_for(self, line: str) -> None:
        self.lock.file.write_text(line, "utf-8")

    def set_up(self) -> None:
        set_up(self.venv, [self.lock], self.wheelhouse)

    def installed(self) -> str:
        code = "import tinymodule; print(tinymodule.version)"
        command = [str(python_of(self.venv)), "-I", "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
