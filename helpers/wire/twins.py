"""The same request once more, in other words: as a `curl` command, in plain Python and in JavaScript.

All three are written from one `Recipe`, which is made from the recorded request. None holds a secret: key, token and
endpoint are read from the environment, the pictures and sounds of the lessons from their files.
"""

import json
import re
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isinf
from pathlib import Path
from typing import Any, ClassVar

from .layout import Layout, pretty, said
from .masking import VARIES, File, Mask, Parts, Variable, Word, course_files, in_shell

# A whole number beyond this is another one in JavaScript.
_EXACT = 2**53


@dataclass(frozen=True)
class Recipe:
    """What every twin of a request says.

    `headers` are those that matter, with names in lower case; `text` is the body, JSON laid out, and empty without one;
    `saved` says that the body has to be read from `request.json`; `streamed` that the answer is shown as it comes.
    `mask` finds the words in a text of the body; `notes` are what a reader has to know.
    """

    method: str
    url: Parts
    headers: Mapping[str, Parts]
    text: str
    saved: bool
    streamed: bool
    mask: Mask
    notes: tuple[str, ...]

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes, streamed: bool) -> "Recipe":
        """The recipe for a request as it was sent (header names in lower case)."""
        mask, text = Mask.of(url, headers), pretty(body)
        files = course_files(text)
        found = {data: File(path) for data, path in files.items() if path}
        saved = len(found) < len(files) or "\ufffd" in text
        notes = list(mask.notes)
        if saved:
            notes.append('first, in Python: helpers.wire.last().save_body("request.json")')
        elif any(file.path.startswith("media/") for file in found.values()):
            notes.append("run in the folder of the lessons")
        needed = {
            name: mask.header(name, value)
            for name, value in headers.items()
            if not ((name == "authorization" and "api-key" in headers) or name == "accept" or VARIES.fullmatch(name))
        }
        words = replace(mask, words={**mask.words, **found})
        return cls(method, mask.parts(url), needed, text, saved, streamed, words, tuple(notes))

    @property
    def value(self) -> Any:
        """The body as a JSON value. Raises ValueError when it has none that Python and JavaScript both can write."""
        return json.loads(self.text, parse_int=_whole, parse_float=_finite, parse_constant=_refuse)


def curl(recipe: Recipe) -> str:
    """A `curl` command for a POSIX shell."""
    first = "curl " + _shell_word(recipe.url)
    if recipe.method != ("POST" if recipe.text else "GET"):
        first += f" --request {recipe.method}"
    command = [first + " --no-buffer" if recipe.streamed else first]
    command += ["--header " + _shell_word([f"{name}: ", *value]) for name, value in recipe.headers.items()]
    if recipe.saved:
        command.append("--data-binary @request.json")
    elif recipe.text:
        command.append("--data-binary @- " + _here_document(recipe.mask.parts(recipe.text), recipe.text))
    return "\n".join([*(f"# {note}" for note in recipe.notes), " \\\n  ".join(command)])


def python(recipe: Recipe) -> str:
    """A Python program that needs nothing but `requests`."""
    return _Python(recipe).program()


def javascript(recipe: Recipe) -> str:
    """An ES module for Node.js 18 or newer that needs nothing else."""
    return _JavaScript(recipe).program()


TWINS = {"As curl": curl, "As plain Python": python, "As JavaScript": javascript}
"""The summary that each twin is folded under, and who writes it."""


class _Program(ABC):
    """A program in the making. A variable or a file gets its name in the code when it is first met."""

    style: ClassVar[dict[str, Any]]

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.layout = Layout(self.key, self.leaf, last=",", **self.style)
        self._names: dict[Word, str] = {}

    @abstractmethod
    def program(self) -> str: ...

    @abstractmethod
    def identifier(self, words: list[str]) -> str: ...

    @abstractmethod
    def template(self, parts: Parts) -> str:
        """Code for a text that has names in it."""

    @abstractmethod
    def key(self, name: str) -> str: ...

    def leaf(self, value: Any) -> str:
        """Code for anything that is neither a dict nor a list. A text comes as `str`, or as a tuple of its parts."""
        if isinstance(value, str):
            return self.text(self.recipe.mask.parts(value))
        return self.text(list(value)) if isinstance(value, tuple) else said(value)

    def text(self, parts: Parts) -> str:
        """Code for a text."""
        literal = [part for part in parts if isinstance(part, str)]
        if len(literal) == len(parts):
            return _quoted("".join(literal))
        return self.template(parts) if len(parts) > 1 else self.name(parts[0])

    def name(self, part: str | Word) -> str:
        """The name of a word; a text is returned as it is."""
        if isinstance(part, str):
            return part
        if part not in self._names:
            told = part.role if isinstance(part, Variable) else Path(part.path).name
            words = re.findall("[a-z0-9]+", told.lower())
            if isinstance(part, File) and (len(words) < 2 or words[0][0].isdigit()):
                words = ["file", *words]
            name = self.identifier(words)
            while name in self._names.values():
                name += "_"
            self._names[part] = name
        return self._names[part]

    def named(self, kind: type[Word]) -> list[tuple[str, Any]]:
        """Name and word of all variables or of all files met so far, in that order."""
        return [(name, word) for word, name in self._names.items() if isinstance(word, kind)]

    def headers(self, without: Iterable[str] = ()) -> dict[str, tuple[str | Word, ...]]:
        """The headers as the layout takes them."""
        return {name: tuple(value) for name, value in self.recipe.headers.items() if name not in without}


class _Python(_Program):
    style: ClassVar[dict[str, Any]] = {"width": 88, "indent": "    "}

    def program(self) -> str:
        recipe, arguments = self.recipe, [self.text(self.recipe.url)]
        body, own = self._body()
        if headers := self.headers(own):
            arguments.append("headers=" + self.layout(headers, "    ", len("headers=,")))
        arguments += [*body, *(["stream=True"] if recipe.streamed else []), "timeout=60"]
        call = f"requests.{recipe.method.lower()}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"
        steps = _PYTHON_STREAM if recipe.streamed else _PYTHON_ANSWER
        environment = [
            f'{name} = os.environ["{variable.name}"]'
            + (f".removesuffix({_quoted(variable.suffix)})" if variable.suffix else "")
            for name, variable in self.named(Variable)
        ]
        files = [
            f"{name} = base64.b64encode(Path({_quoted(file.path)}).read_bytes()).decode()"
            for name, file in self.named(File)
        ]
        needed = [
            *(["import base64"] if files else []),
            *([] if recipe.streamed else ["import json"]),
            "import os",
            *(["from pathlib import Path"] if files or recipe.saved else []),
        ]
        blocks = [needed, ["import requests"], [*environment, *files], [steps.replace("CALL", call)]]
        return _joined([f"# {note}" for note in recipe.notes], blocks)

    def identifier(self, words: list[str]) -> str:
        return "_".join(words)

    def template(self, parts: Parts) -> str:
        braced = (
            part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{self.name(part)}}}"
            for part in parts
        )
        return f"f{_quoted(''.join(braced))}"

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


_PYTHON_ANSWER = """\
response = CALL
if response.ok:
    print(json.dumps(response.json(), indent=2, ensure_ascii=False))
else:
    print(response.status_code, response.text)"""

_PYTHON_STREAM = """\
response = CALL
if response.ok:
    for line in response.iter_lines():
        print(line.decode(), flush=True)
else:
    print(response.status_code, response.text)"""


class _JavaScript(_Program):
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
        steps = _JAVASCRIPT_STREAM if recipe.streamed else _JAVASCRIPT_ANSWER
        environment = [
            f"const {name} = process.env.{variable.name}"
            + (f'.replace(/{re.sub(_SPECIAL, _ESCAPED, variable.suffix)}$/, "")' if variable.suffix else "")
            + ";"
            for name, variable in self.named(Variable)
        ]
        files = [f'const {name} = await readFile({_quoted(file.path)}, "base64");' for name, file in self.named(File)]
        needed = ['import { readFile } from "node:fs/promises";'] if files or recipe.saved else []
        notes = [f"// {note}" for note in ("an ES module for Node.js 18 or newer: node call.mjs", *recipe.notes)]
        return _joined(notes, [needed, [*environment, *files], [steps.replace("CALL", call)]])

    def identifier(self, words: list[str]) -> str:
        return words[0] + "".join(map(str.capitalize, words[1:]))

    def template(self, parts: Parts) -> str:
        escaped = (
            _bare(part).replace("`", "\\`").replace("${", "\\${")
            if isinstance(part, str)
            else f"${{{self.name(part)}}}"
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


_JAVASCRIPT_ANSWER = """\
const response = CALL
if (response.ok) {
  console.log(JSON.stringify(await response.json(), null, 2));
} else {
  console.log(response.status, await response.text());
}"""

_JAVASCRIPT_STREAM = """\
const response = CALL
if (response.ok) {
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    process.stdout.write(text);
  }
} else {
  console.log(response.status, await response.text());
}"""

_SPECIAL, _ESCAPED = r"[/\\^$.*+?()\[\]{}|]", r"\\\g<0>"


def _joined(notes: list[str], blocks: list[list[str]]) -> str:
    return "\n".join([*notes, "\n\n".join("\n".join(block) for block in blocks if block)])


def _bare(text: str) -> str:
    """The text between quotation marks: the escapes of JSON mean the same in Python and in JavaScript."""
    return said(text)[1:-1].replace('\\"', '"')


def _quoted(text: str) -> str:
    """The text as Python and JavaScript both write it, in the quotation marks that need fewer escapes."""
    if text.count('"') <= text.count("'"):
        return said(text)
    single = _bare(text).replace("'", "\\'")
    return f"'{single}'"


def _shell_word(parts: Parts) -> str:
    literal = [part for part in parts if isinstance(part, str)]
    if len(literal) == len(parts):
        return shlex.quote("".join(literal))
    return f'"{in_shell(parts, _escape_quoted)}"'


def _here_document(parts: Parts, text: str) -> str:
    """A text, given in parts as well, as a command's standard input; files are read when the command runs."""
    end = "EOF"
    while end in text.splitlines():
        end += "_"
    if parts == [text]:
        return f"<<'{end}'\n{text}\n{end}"
    return f"<<{end}\n{in_shell(parts, _escape)}\n{end}"


def _escape(text: str) -> str:
    return re.sub(r"[\\$`]", r"\\\g<0>", text)


def _escape_quoted(text: str) -> str:
    return _escape(text).replace('"', '\\"')


def _whole(text: str) -> int:
    number = int(text)
    return number if abs(number) <= _EXACT else _refuse(text)


def _finite(text: str) -> float:
    number = float(text)
    return _refuse(text) if isinf(number) else number


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} cannot be written in every language")
