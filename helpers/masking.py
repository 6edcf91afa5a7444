"""Text that may be published: secrets and addresses become the shell words that expand to them, volatile headers say
`(varies)`, long base64 is cut. Because the words are the shell's, the same text can be made a command that runs.
"""

import base64
import json
import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ENDPOINT, CREDENTIAL, TOKEN = "$AZURE_INFERENCE_ENDPOINT", "$AZURE_INFERENCE_CREDENTIAL", "$TOKEN"
LESSONS = Path(__file__).resolve().parent.parent / "notebooks"
ROUTE = re.compile(r"/+(chat/completions|images/embeddings|embeddings|info)/*$")
VARIES = re.compile(
    r"accept-encoding|age|azureml-model-session|connection|content-length|date|etag|host|keep-alive|server|traceparent"
    r"|server-timing|tracestate|transfer-encoding|user-agent|via|x-envoy-.*|x-ms-region|.*request-id|.*processing-ms"
    r"|x-ratelimit-(remaining|reset)-.*"
)
_SECRET = re.compile(r"(.*-)?(cookie|key|password|secret|signature|token)|x-identity-header")
_BASE64 = re.compile(r'(?<=;base64,)[A-Za-z0-9+/]{81,}={0,2}|(?<=")[A-Za-z0-9+/]{81,}={0,2}(?=")')
_BODY_LIMIT = 20_000
_WIDTH = 96
# A shorter secret is masked in its own header only: in other text it would be found by accident.
_SECRET_LENGTH = 8


@dataclass(frozen=True)
class Mask:
    """Replaces `words` (text: shell word) in any text. `key` is the client's API key or empty; `notes` say what a
    reader has to know who sets the variables."""

    words: Mapping[str, str]
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
        words = {
            origin: f"${{{ENDPOINT[1:]}%{path}}}" if path else ENDPOINT,
            base: f"${{{ENDPOINT[1:]}%/}}" if slash else ENDPOINT,
        }
        our_key = _variable("AZURE_INFERENCE_CREDENTIAL", "AZUREAI_ENDPOINT_KEY")
        key = headers.get("api-key") or our_key
        token = headers.get("authorization", "").rpartition(" ")[2]
        words |= {value: word for value, word in ((token, TOKEN), (key, CREDENTIAL)) if len(value) >= _SECRET_LENGTH}
        notes = []
        if theirs and not known:
            notes.append(f"{ENDPOINT[1:]}: the endpoint of this client, not the one of the environment")
        if our_key and key != our_key:
            notes.append(f"{CREDENTIAL[1:]}: the key of this client, not the one of the environment")
        if token and "api-key" not in headers:
            notes.append(f"{TOKEN[1:]}: an access token from Entra ID")
        return cls(words, key, tuple(notes))

    def __call__(self, text: str, literal: Callable[[str], str] = str) -> str:
        """The text with the words in place; `literal` escapes what stands between them."""
        value = max((value for value in self.words if value in text), key=len, default=None)
        if value is None:
            return literal(text)
        head, *tail = text.split(value)
        return self(head, literal) + "".join(_word(self.words[value], part) + self(part, literal) for part in tail)

    def header(self, name: str, value: str, literal: Callable[[str], str] = str) -> str:
        """The value of a header that may be shown."""
        if VARIES.fullmatch(name):
            return "(varies)"
        if name == "api-key":
            return CREDENTIAL
        if name == "authorization":
            scheme, space, token = value.rpartition(" ")
            return scheme + space + (CREDENTIAL if token == self.key else TOKEN)
        if _SECRET.fullmatch(name):
            return "$" + name.upper().replace("-", "_")
        return self(value, literal)

    def body(self, body: bytes) -> str:
        """A body that may be shown: JSON laid out, long base64 and lists of numbers cut, up to 20,000 characters."""
        # Words before cuts: a long key looks like base64, and not even its beginning may be shown.
        text = _BASE64.sub(lambda found: cut(found[0], 12), self(pretty(body, _brief)))
        return cut(text, _BODY_LIMIT)

    def quoted(self, text: str) -> str:
        """The text as one word of a shell command."""
        return shlex.quote(text) if self(text) == text else f'"{self(text, _escape_quoted)}"'

    def quoted_header(self, name: str, value: str) -> str:
        """`name: value` as one word of a shell command."""
        if self.header(name, value) == value:
            return shlex.quote(f"{name}: {value}")
        return f'"{name}: {self.header(name, value, _escape_quoted)}"'

    def here_document(self, text: str, files: Mapping[str, str]) -> str:
        """The text as a command's standard input; `files` (base64: name) are read when the command runs."""
        reads = {data: f"$(base64 < {shlex.quote(name)} | tr -d '\\n')" for data, name in files.items()}
        masked = replace(self, words={**self.words, **reads})
        end = "EOF"
        while end in text.splitlines():
            end += "_"
        if masked(text) == text:
            return f"<<'{end}'\n{text}\n{end}"
        return f"<<{end}\n{masked(text, _escape)}\n{end}"


def cut(text: str, limit: int) -> str:
    """The text, when it is longer its first `limit` characters and its length."""
    return text if len(text) <= limit else f"{text[:limit]}…({len(text):,} characters)"


def pretty(body: bytes, change: Callable[[Any], Any] = lambda value: value) -> str:
    """JSON, after `change`, laid out for reading; any other text as it is."""
    text = body.decode("utf-8", "replace")
    try:
        value = change(json.loads(text))
    except ValueError:
        return text
    shown = _layout(value, ascii_only=False)
    # Half of a surrogate pair can be said in JSON but not in UTF-8.
    return _layout(value, ascii_only=True) if re.search("[\ud800-\udfff]", shown) else shown


def course_files(text: str) -> dict[str, str | None]:
    """The long base64 in a text, and the name of the lessons' file (or one beside them) that holds the same bytes."""
    folders = [(LESSONS / "media", "media/"), (Path("media"), "media/"), (Path(), "")]
    files = [(path, prefix + path.name) for folder, prefix in folders if folder.is_dir() for path in folder.iterdir()]

    def name_of(data: str) -> str | None:
        size = len(data) * 3 // 4 - data.count("=")
        for path, name in files:
            if path.is_file() and path.stat().st_size == size and base64.b64encode(path.read_bytes()).decode() == data:
                return name
        return None

    return {data: name_of(data) for data in dict.fromkeys(_BASE64.findall(text))}


def _layout(value: Any, ascii_only: bool, margin: str = "", taken: int = 0) -> str:
    # Like json.dumps with an indent, but what fits on one line stays on one.
    flat = json.dumps(value, ensure_ascii=ascii_only)
    if not value or not isinstance(value, dict | list) or len(margin) + taken + len(flat) <= _WIDTH:
        return flat
    if isinstance(value, dict):
        names = [f"{json.dumps(name, ensure_ascii=ascii_only)}: " for name in value]
        items, brackets = list(zip(names, value.values(), strict=True)), "{}"
    else:
        items, brackets = [("", item) for item in value], "[]"
    inner = margin + "  "
    lines = [f"{inner}{name}{_layout(item, ascii_only, inner, len(name) + 1)}" for name, item in items]
    return "\n".join([brackets[0], ",\n".join(lines), margin + brackets[1]])


def _brief(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _brief(item) for name, item in value.items()}
    if isinstance(value, list) and len(value) > 8 and all(isinstance(item, int | float) for item in value):
        return [*value[:3], f"… {len(value) - 3:,} more numbers …"]
    return [_brief(item) for item in value] if isinstance(value, list) else value


def _word(word: str, following: str) -> str:
    # $NAME before a letter needs braces: ${NAME}s.
    return f"${{{word[1:]}}}" if re.match(r"\$\w", word) and re.match(r"\w", following) else word


def _escape(text: str) -> str:
    return re.sub(r"[\\$`]", r"\\\g<0>", text)


def _escape_quoted(text: str) -> str:
    return _escape(text).replace('"', '\\"')


def _variable(*names: str) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")
