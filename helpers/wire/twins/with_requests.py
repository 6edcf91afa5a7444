"""The twin in Python, with `requests`."""

from __future__ import annotations

from typing import Any, ClassVar

from ..masking import File, Parts, Variable
from .program import Program, joined, quoted
from .recipe import Recipe

_ANSWER = """\
response = CALL
if response.ok:
    print(json.dumps(response.json(), indent=2, ensure_ascii=False))
else:
    print(response.status_code, response.text)"""

_STREAM = """\
response = CALL
if response.ok:
    for line in response.iter_lines():
        print(line.decode(), flush=True)
else:
    print(response.status_code, response.text)"""


def python(recipe: Recipe) -> str:
    """A Python program that needs nothing but `requests`."""
    return _Python(recipe).program()


class _Python(Program):
    style: ClassVar[dict[str, Any]] = {"width": 88, "indent": "    "}

    def program(self) -> str:
        recipe, arguments = self.recipe, [self.text(self.recipe.url)]
        body, own = self._body()
        if headers := self.headers(own):
            arguments.append("headers=" + self.layout(headers, "    ", len("headers=,")))
        arguments += [*body, *(["stream=True"] if recipe.streamed else []), "timeout=60"]
        call = f"requests.{recipe.method.lower()}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"
        steps = _STREAM if recipe.streamed else _ANSWER
        environment = [
            f'{name} = os.environ["{variable.name}"]'
            + (f".removesuffix({quoted(variable.suffix)})" if variable.suffix else "")
            for name, variable in self.named(Variable)
        ]
        files = [
            f"{name} = base64.b64encode(Path({quoted(file.path)}).read_bytes()).decode()"
            for name, file in self.named(File)
        ]
        needed = [
            *(["import base64"] if files else []),
            *([] if recipe.streamed else ["import json"]),
            "import os",
            *(["from pathlib import Path"] if files or recipe.saved else []),
        ]
        blocks = [needed, ["import requests"], [*environment, *files], [steps.replace("CALL", call)]]
        return joined([f"# {note}" for note in recipe.notes], blocks)

    def identifier(self, words: list[str]) -> str:
        return "_".join(words)

    def template(self, parts: Parts) -> str:
        braced = (
            part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{self.name(part)}}}"
            for part in parts
        )
        return f"f{quoted(''.join(braced))}"

    def key(self, name: str) -> str:
        return self.leaf(name)

    def leaf(self, value: Any) -> str:
        return str(value) if isinstance(value, bool | None) else super().leaf(value)

    def _body(self) -> tuple[list[str], list[str]]:
        """The argument that carries the body, and the headers that `requests` then sets by itself."""
        recipe = self.recipe
        if recipe.saved:
            return ['data=Path("request.json").read_bytes()'], []
        if not recipe.text:
            return [], []
        try:
            value = recipe.value
        except ValueError:
            return [f"data={self.leaf(recipe.text)}.encode()"], []
        own = ["content-type"] if recipe.headers.get("content-type") == ["application/json"] else []
        return ["json=" + self.layout(value, "    ", len("json=,"))], own
