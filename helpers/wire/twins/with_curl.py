"""The twin as a `curl` command."""

from __future__ import annotations

import re
import shlex

from ..masking import Parts, in_shell
from .recipe import Recipe


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
