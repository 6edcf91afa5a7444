"""Runs inside Pyodide: each wheel of /in, and Python's own library, into /out, with compiled modules.

Source stays beside them where somebody reads it: the library's and the course's, in tracebacks, and azure-core's, in
lesson 10. pytest rewrites what it imports, anyio reads its own source, and the kernel is small: these stay as they are.
"""

import importlib._bootstrap_external as bootstrap
import warnings
import zipfile
from pathlib import Path

WITH_SOURCE = ("course-", "azure_core-", "sentencepiece-", "soundfile-")
SOURCE_ALONE = ("pytest-", "pyodide_kernel-", "anyio-")
LIBRARY = "python_stdlib.zip"
WHEN = (2026, 1, 1, 0, 0, 0)

warnings.simplefilter("ignore")


def compiled(data: bytes, path: str) -> bytes:
    code = compile(data, path, "exec", dont_inherit=True)
    return bootstrap._code_to_hash_pyc(code, bytes(8), checked=False)


def files(archive: str, name: str, data: bytes):
    """What stands in an archive in place of a file."""
    if not name.endswith(".py") or ".data/" in name or archive.startswith(SOURCE_ALONE):
        yield name, data
        return
    library = archive == LIBRARY
    try:
        code = compiled(data, f"/lib/{'python314.zip' if library else 'python3.14/site-packages'}/{name}")
    except SyntaxError:  # a template, or another Python's
        yield name, data
        return
    if library:
        yield name, data
        yield name + "c", code
    elif archive.startswith(WITH_SOURCE):
        folder, _, file = name.rpartition("/")
        yield name, data
        yield f"{folder + '/' if folder else ''}__pycache__/{file[:-3]}.cpython-314.pyc", code
    else:
        yield name + "c", code


for path in sorted(Path("/in").iterdir()):
    with (
        zipfile.ZipFile(path) as given,
        zipfile.ZipFile(f"/out/{path.name}", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out,
    ):
        for entry in given.infolist():
            for name, content in files(path.name, entry.filename, given.read(entry)):
                out.writestr(zipfile.ZipInfo(name, WHEN), content, zipfile.ZIP_DEFLATED)
