"""The package's face: public names load when they are used, and not before."""

import importlib
import inspect
import subprocess
import sys

import pytest

import helpers


@pytest.mark.parametrize("name", helpers.__all__)
def test_a_public_name_is_a_documented_function_with_types(name):
    function = getattr(helpers, name)
    assert inspect.isfunction(function)
    assert inspect.getdoc(function)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(parameter.annotation is not inspect.Parameter.empty for parameter in signature.parameters.values())


def test_the_names_are_listed():
    assert list(helpers.__all__) == sorted(helpers._HOME)
    assert set(helpers.__all__) <= set(dir(helpers))
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = helpers.nothing_like_this


@pytest.mark.parametrize("first", ["helpers.show", "helpers.wire", "helpers.media"])
def test_show_is_the_function_whatever_is_imported_first(first):
    code = f"import {first}; from helpers import show, wire; show({{'choices': []}}); wire.exchanges()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_package_loads_neither_the_sdk_nor_ipython():
    code = "import sys, helpers; print([name for name in ('azure', 'IPython', 'ipywidgets') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_the_module_show_can_be_imported_from():
    assert importlib.import_module("helpers.show").show is helpers.show
