"""The twin in JavaScript, with `fetch`."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from ..masking import File, Parts, Variable
from .program import Program, bare, joined, quoted
from .recipe import Recipe

_ANSWER = """\
const response = CALL
if (response.ok) {
  console.log(JSON.stringify(await response.json(), null, 2));
} else {
  console.log(response.status, await response.text());
}"""

_STREAM = """\
const response = CALL
if (response.ok) {
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    process.stdout.write(text);
  }
} else {
  console.log(response.status, await response.text());
}"""

_SPECIAL, _ESCAPED = r"[/\\^$.*+?()\[\]{}|]", r"\\\g<0>"


def javascript(recipe: Recipe) -> str:
    """An ES module for Node.js 18 or newer that needs nothing else."""
    return _JavaScript(recipe).program()


class _JavaScript(Program):
    style: ClassVar[dict[str, Any]] = {"width": 80, "pad": " "}

    def program(self) -> str:
        recipe, url = self.recipe, self.text(self.recipe.url)
        options = [f'method: "{recipe.method}"'] if recipe.method != "GET" else []
        if headers := self.headers():
            options.append("headers: " + self.layout(headers, "  ", len("headers: ,")))
        if recipe.saved:
            options.append('body: await readFile("request.json")')
        elif recipe.text:
            options.append(f"body: {self._body()}")
        call = f"await fetch({url}, {{\n" + "".join(f"  {option},\n" for option in options) + "});"
        steps = _STREAM if recipe.streamed else _ANSWER
        environment = [
            f"const {name} = process.env.{variable.name}"
            + (f'.replace(/{re.sub(_SPECIAL, _ESCAPED, variable.suffix)}$/, "")' if variable.suffix else "")
            + ";"
            for name, variable in self.named(Variable)
        ]
        files = [f'const {name} = await readFile({quoted(file.path)}, "base64");' for name, file in self.named(File)]
        needed = ['import { readFile } from "node:fs/promises";'] if files or recipe.saved else []
        notes = [f"// {note}" for note in ("an ES module for Node.js 18 or newer: node call.mjs", *recipe.notes)]
        return joined(notes, [needed, [*environment, *files], [steps.replace("CALL", call)]])

    def identifier(self, words: list[str]) -> str:
        return words[0] + "".join(map(str.capitalize, words[1:]))

    def template(self, parts: Parts) -> str:
        escaped = (
            bare(part).replace("`", "\\`").replace("${", "\\${") if isinstance(part, str) else f"${{{self.name(part)}}}"
            for part in parts
        )
        return f"`{''.join(escaped)}`"

    def key(self, name: str) -> str:
        if re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", name) and name != "__proto__":
            return name
        code = self.leaf(name)
        return code if code[0] in "\"'" and name != "__proto__" else f"[{code}]"

    def _body(self) -> str:
        try:
            value = self.recipe.value
        except ValueError:
            return self.leaf(self.recipe.text)
        return f"JSON.stringify({self.layout(value, '  ', len('body: JSON.stringify(),'))})"
