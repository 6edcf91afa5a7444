"""The package's face: public names load when they are used, and not before."""

import inspect
import subprocess
import sys
from importlib.util import find_spec

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
    assert dir(helpers) == helpers.__all__ == sorted(helpers.__all__)
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = helpers.nothing_like_this


@pytest.mark.parametrize("name", helpers.__all__)
def test_no_module_has_the_name_of_a_public_function(name):
    assert find_spec(f"helpers.{name}") is None, "whatever imports it would put it in the function's place"


def test_importing_the_package_loads_neither_the_sdk_nor_ipython():
    code = "import sys, helpers; print([name for name in ('azure', 'IPython', 'ipywidgets') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
