"""The course's own environments: that of the lessons, with or without the tests, and those of what tests start."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .environment import BESIDE, HUB, LESSONS, TESTS, Beside, set_up
from .machine import OLDEST
from .places import HOME, ROOT, VENV
from .steps import SetUpError, python_of, step

FAILURE = "set-up-failed.txt"  # in an environment that could not be made: why

# The Python that a committed lesson names: the same for everybody, whichever of them runs it.
LESSONS_PYTHON = "{}.{}".format(*OLDEST)
KERNEL_SETTINGS = f"""\
from ipykernel.ipkernel import IPythonKernel

c.IPKernelApp.log_level = 40
c.IPKernelApp.extensions = ["helpers.unready"]
IPythonKernel.language_info = {{**IPythonKernel.language_info, "version": "{LESSONS_PYTHON}"}}
"""

# Two lines that Python executes at each start, in this environment. `helpers` is found from every folder, and after all
# others. That is code, for a path is read in the encoding of the machine, or of the moment, and may have an umlaut.
# And jsonschema, which all tools of notebooks import, imports rfc3987_syntax for one format, and that builds a grammar
# for more than a second: here it does so when it is used.
LINK = "import sys; sys.path.append({!a})"
LATE = (
    "import sys, types; late = types.ModuleType('rfc3987_syntax'); sys.modules['rfc3987_syntax'] = late; "
    "late.is_valid_syntax = lambda *given: (sys.modules.pop('rfc3987_syntax', None), "
    "__import__('rfc3987_syntax'))[1].is_valid_syntax(*given)"
)

# Settings and style of JupyterLab, here and in the edition that runs in the browser.
CODE_WRAPS = {"@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineNumbers": False, "lineWrap": True}}}
PRINT_WRAPS = "body .jp-OutputArea-output pre { word-break: normal; overflow-wrap: anywhere; }\n"

# What is ours in the folder of this project. Somebody else's module of such a name comes before it.
OURS = ("helpers", "commands", "tests")


def set_up_course(wheelhouse: Path | None = None, tests: bool = False) -> Path:
    """The environment of the lessons and the mock, with what the tests and checks add; returns its Python."""
    python = set_up(VENV, [LESSONS, TESTS] if tests else [LESSONS], wheelhouse, _finish)
    with suppress(OSError):  # somebody else's, who will do it
        write_settings(VENV)  # this environment may have been made before they changed
    for found in hiding(VENV):
        raise SetUpError(found)
    return python


def _finish(venv: Path) -> None:
    write_settings(venv)
    # matplotlib looks for the machine's fonts once and says so: here, and not in a reader's first figure.
    step([str(python_of(venv)), "-c", "import matplotlib.font_manager"], venv)


def set_up_beside(wheelhouse: Path | None = None) -> None:
    """The environments beside it, whose programs some tests start. Without one its tests are skipped, except on CI."""
    for beside in BESIDE:
        if not beside.on_demand:
            _set_up_beside(beside, wheelhouse)


def set_up_hub(wheelhouse: Path | None = None) -> Path:
    """The environment in which JupyterHub runs, and the JupyterLab of everybody who signs in; returns its Python."""
    return set_up(HUB.venv, [LESSONS, HUB.lock], wheelhouse, _finish)


def _set_up_beside(beside: Beside, wheelhouse: Path | None) -> None:
    failure = beside.venv / FAILURE
    try:
        set_up(beside.venv, [beside.lock], wheelhouse)
    except SetUpError as error:
        if os.environ.get("CI"):
            raise
        beside.venv.mkdir(exist_ok=True)
        failure.write_text(str(error), "utf-8")
        print(
            f"{beside.venv.name} could not be made (the reason is in {failure}): {beside.tests} will be skipped.",
            flush=True,
        )
    else:
        if failure.exists():
            failure.unlink()


def packages_of(venv: Path) -> Path:
    """The folder of an environment's packages."""
    if os.name == "nt":
        return venv / "Lib" / "site-packages"
    return venv / "lib" / "python{}.{}".format(*sys.version_info[:2]) / "site-packages"


def write_settings(venv: Path) -> None:
    """Settings that belong to this environment alone. What is as it should be is not touched.

    No pop-up about news, and no notice at each start of a kernel. Code wraps in a narrow window, where JupyterLab hides
    the ends of its lines, and printed text wraps between words, where its own style breaks it anywhere. The kernel says
    of its Python what the committed lessons say, so that JupyterLab does not change a lesson by opening it, and of a
    name that is missing which cell makes it.
    """
    shared, own = venv / "share" / "jupyter" / "lab", venv / "etc" / "jupyter"
    style = own / "custom"
    lab = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        **CODE_WRAPS,
    }
    page = {"LabApp": {"custom_css": True}, "ServerApp": {"tornado_settings": {"static_custom_path": [str(style)]}}}
    files = {
        packages_of(venv) / "azure_ai_inference_notebooks.pth": f"{LINK.format(str(ROOT))}\n{LATE}\n",
        shared / "settings" / "overrides.json": json.dumps(lab, indent=1),
        own / "jupyter_lab_config.json": json.dumps(page, indent=1),
        style / "custom.css": PRINT_WRAPS,
        venv / "etc" / "ipython" / "ipython_kernel_config.py": KERNEL_SETTINGS,
    }
    for file, content in files.items():
        if not file.exists() or file.read_text("utf-8") != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")


def folder_to_work_in() -> Path:
    """The folder with lessons and recipes in it: this one, or where it cannot be written a copy, which is made once."""
    if os.access(str(ROOT / "notebooks"), os.W_OK):
        return ROOT
    for copy in (HOME / "notebooks", HOME / "recipes"):
        if not copy.exists():
            shutil.copytree(str(ROOT / copy.name), str(copy), copy_function=shutil.copyfile)
            for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
                folder.chmod(0o755)
    return HOME


def hiding(venv: Path) -> Iterator[str]:
    """What hides a package of ours, and how to be rid of it: another one in the environment, a file beside a lesson."""
    packages = packages_of(venv)
    for name in OURS:
        if _is_in(packages, name):
            owner = _owner(packages, name)
            yield (
                f"{venv.name} has somebody else's package {owner}, whose {name!r} hides the one of this course.\n"
                f'Remove it: "{python_of(venv)}" -m pip uninstall {owner}'
            )
    if _is_in(ROOT / "notebooks", "helpers"):
        yield "notebooks/ has a 'helpers' that hides the course's own from the lessons. Give it another name."


def _is_in(folder: Path, name: str) -> bool:
    return (folder / name).exists() or (folder / f"{name}.py").exists()


def _owner(packages: Path, name: str) -> str:
    """The distribution that brought a module, by the lists of files that installers leave."""
    for record in sorted(packages.glob("*.dist-info/RECORD")):
        if any(line.startswith((f"{name}/", f"{name}.py,")) for line in record.read_text("utf-8").splitlines()):
            return record.parent.name.partition("-")[0]
    return name
