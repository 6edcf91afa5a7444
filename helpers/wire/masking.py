"""Text that may be published: secrets and addresses become the variables that hold them, volatile headers say
`(varies)`, long base64 is cut. Because a variable is told from text, the same request can be made a program that runs.
"""

import base64
import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..media import MEDIA_FOLDER
from .layout import cut, pretty

ROUTE = re.compile(r"/+(chat/completions|images/embeddings|embeddings|info)/*$")
VARIES = re.compile(
    r"accept-encoding|age|azureml-model-session|connection|content-length|date|etag|host|keep-alive|server|traceparent"
    r"|server-timing|tracestate|transfer-encoding|user-agent|via|x-envoy-.*|x-ms-region|.*request-id|.*processing-ms"
    r"|x-ratelimit-(remaining|reset)-.*"
)
_SECRET = re.compile(r"(.*-)?(cookie|key|password|secret|signature|token)|x-identity-header")
_BASE64 = re.compile(r'(?<=;base64,)[A-Za-z0-9+/]{81,}={0,2}|(?<=")[A-Za-z0-9+/]{81,}={0,2}(?=")')
_BODY_LIMIT = 20_000
# A shorter secret is masked in its own header only: in other text it would be found by accident.
_SECRET_LENGTH = 8


@dataclass(frozen=True)
class Variable:
    """The value of an environment variable, without `suffix` at its end; `role` is what a program may call it."""

    name: str
    role: str
    suffix: str = ""

    def in_shell(self, following: str) -> str:
        """The shell's word for it. `following` is what comes next: $NAME before a letter needs braces, ${NAME}s."""
        if self.suffix:
            return f"${{{self.name}%{self.suffix}}}"
        return f"${{{self.name}}}" if re.match(r"\w", following) else f"${self.name}"


@dataclass(frozen=True)
class File:
    """The base64 of a file's bytes."""

    path: str

    def in_shell(self, _: str) -> str:
        """The shell's word for it."""
        return f"$(base64 < {shlex.quote(self.path)} | tr -d '\\n')"


Word = Variable | File
Parts = list[str | Word]
"""A text that may be published: what is literal, and what is known only where it runs."""

CREDENTIAL = Variable("AZURE_INFERENCE_CREDENTIAL", "key")
TOKEN = Variable("TOKEN", "token")


@dataclass(frozen=True)
class Mask:
    """Replaces `words` (by the text that each stands for) in any text. `key` is the client's API key or empty; `notes`
    say what a reader has to know who sets the variables."""

    words: Mapping[str, Word]
    key: str
    notes: tuple[str, ...]

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str]) -> "Mask":
        """The mask for a request, from what it holds itself (header names in lower case) and from the environment."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        theirs = _variable("AZURE_INFERENCE_ENDPOINT", "AZUREAI_ENDPOINT_URL").partition("?")[0]
        base = theirs.rstrip("/")
        known = base == origin + urlsplit(base).path
        if not known:
            base = origin + ROUTE.sub("", parts.path)
        slash = "/" if known and theirs.endswith("/") else ""
        path = base.removeprefix(origin) + slash
        words: dict[str, Word] = {
            origin: Variable("AZURE_INFERENCE_ENDPOINT", "origin", path),
            base: Variable("AZURE_INFERENCE_ENDPOINT", "endpoint", slash),
        }
        our_key = _variable("AZURE_INFERENCE_CREDENTIAL", "AZUREAI_ENDPOINT_KEY")
        key = headers.get("api-key") or our_key
        token = headers.get("authorization", "").rpartition(" ")[2]
        words |= {value: word for value, word in ((token, TOKEN), (key, CREDENTIAL)) if len(value) >= _SECRET_LENGTH}
        notes = []
        if theirs and not known:
            notes.append("AZURE_INFERENCE_ENDPOINT: the endpoint of this client, not the one of the environment")
        if our_key and key != our_key:
            notes.append("AZURE_INFERENCE_CREDENTIAL: the key of this client, not the one of the environment")
        if token and "api-key" not in headers:
            notes.append("TOKEN: an access token from Entra ID")
        return cls(words, key, tuple(notes))

    def parts(self, text: str) -> Parts:
        """The text with the words in place."""
        value = max((value for value in self.words if value in text), key=len, default=None)
        if value is None:
            return [text] if text else []
        head, *tail = text.split(value)
        return self.parts(head) + [part for after in tail for part in (self.words[value], *self.parts(after))]

    def __call__(self, text: str) -> str:
        """The text with the shell's words in place."""
        return in_shell(self.parts(text))

    def header(self, name: str, value: str) -> Parts:
        """The value of a header that may be shown."""
        if VARIES.fullmatch(name):
            return ["(varies)"]
        if name == "api-key":
            return [CREDENTIAL]
        if name == "authorization":
            scheme, space, token = value.rpartition(" ")
            return [scheme + space, CREDENTIAL if token == self.key else TOKEN]
        if _SECRET.fullmatch(name):
            variable = name.upper().replace("-", "_")
            return [Variable(variable, variable.lower())]
        return self.parts(value)

    def body(self, body: bytes) -> str:
        """A body that may be shown: JSON laid out, long base64 and lists of numbers cut, up to 20,000 characters."""
        # Words before cuts: a long key looks like base64, and not even its beginning may be shown.
        text = _BASE64.sub(lambda found: cut(found[0], 12), self(pretty(body, _brief)))
        return cut(text, _BODY_LIMIT)


def in_shell(parts: Parts, literal: Callable[[str], str] = str) -> str:
    """The parts as a shell reads them; `literal` escapes what stands between the words."""
    pairs = zip(parts, [*parts[1:], ""], strict=False)
    return "".join(
        literal(part) if isinstance(part, str) else part.in_shell(after if isinstance(after, str) else "")
        for part, after in pairs
    )


def course_files(text: str) -> dict[str, str | None]:
    """The long base64 in a text, and the name of the lessons' file (or one beside them) that holds the same bytes."""
    folders = [(MEDIA_FOLDER, "media/"), (Path("media"), "media/"), (Path(), "")]
    files = [(path, prefix + path.name) for folder, prefix in folders if folder.is_dir() for path in folder.iterdir()]

    def name_of(data: str) -> str | None:
        size = len(data) * 3 // 4 - data.count("=")
        for path, name in files:
            if path.is_file() and path.stat().st_size == size and base64.b64encode(path.read_bytes()).decode() == data:
                return name
        return None

    return {data: name_of(data) for data in dict.fromkeys(_BASE64.findall(text))}


def _brief(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _brief(item) for name, item in value.items()}
    if isinstance(value, list) and len(value) > 8 and all(isinstance(item, int | float) for item in value):
        return [*value[:3], f"… {len(value) - 3:,} more numbers …"]
    return [_brief(item) for item in value] if isinstance(value, list) else value


def _variable(*names: str) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")
