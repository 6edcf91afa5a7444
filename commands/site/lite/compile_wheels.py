"""Runs inside Pyodide: each wheel of /in into /out, with compiled modules.

The course keeps its source beside them, since errors show it, and azure-core, which lesson 10 reads; pytest rewrites
what it imports, anyio reads its own source, and the kernel is small.
"""

import importlib._bootstrap_external as bootstrap
import warnings
import zipfile
from pathlib import Path

WITH_SOURCE = ("course-", "azure_core-", "sentencepiece-", "soundfile-")
SOURCE_ALONE = ("pytest-", "pyodide_kernel-", "anyio-")
WHEN = (2026, 1, 1, 0, 0, 0)

warnings.simplefilter("ignore")


def compiled(data: bytes, name: str) -> bytes:
    code = compile(data, f"/lib/python3.14/site-packages/{name}", "exec", dont_inherit=True)
    return bootstrap._code_to_hash_pyc(code, bytes(8), checked=False)


def files(name: str, data: bytes, beside: bool):
    """What stands in the wheel in place of a file."""
    if not name.endswith(".py") or ".data/" in name:
        yield name, data
        return
    try:
        code = compiled(data, name)
    except SyntaxError:  # a template, or another Python's
        yield name, data
        return
    if beside:
        folder, _, file = name.rpartition("/")
        yield name, data
        yield f"{folder + '/' if folder else ''}__pycache__/{file[:-3]}.cpython-314.pyc", code
    else:
        yield name + "c", code


for path in sorted(Path("/in").glob("*.whl")):
    with zipfile.ZipFile(path) as wheel, zipfile.ZipFile(f"/out/{path.name}", "w", zipfile.ZIP_DEFLATED) as out:
        for entry in wheel.infolist():
            data = wheel.read(entry)
            if path.name.startswith(SOURCE_ALONE):
                made = [(entry.filename, data)]
            else:
                made = list(files(entry.filename, data, path.name.startswith(WITH_SOURCE)))
            for name, content in made:
                out.writestr(zipfile.ZipInfo(name, WHEN), content, zipfile.ZIP_DEFLATED)
