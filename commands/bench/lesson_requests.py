"""What the lessons send to an endpoint: each is executed once against a mock that keeps every request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from urllib.parse import quote, urlencode

import nbformat
from lessons import free_environment
from nbclient import NotebookClient

from helpers.mock.http import Request, Response
from helpers.mock.testing import make_service
from helpers.mock.transports.server import MockServer

_OF_THE_CONNECTION = {"host", "connection", "content-length", "transfer-encoding", "api-key", "authorization", "expect"}
_ON_PURPOSE = "x-mock-fault"  # what is to fail comes with this header, and must not count as an error


@dataclass(slots=True)
class Recorded:
    """The requests of the lessons that were answered with 200, in order, and how many others there were."""

    address: str
    requests: list[Request] = field(default_factory=list)
    others: int = 0

    def of(self, key: str, address: str) -> Iterator[bytes]:
        """The same requests as bytes, sent to `address` with `key` by a client of its own."""
        for request in self.requests:
            body = request.body.replace(self.address.encode(), address.encode())
            fields = {name: value for name, value in request.headers.items() if name not in _OF_THE_CONNECTION}
            fields |= {"host": address.partition("//")[2], "api-key": key, "content-length": str(len(body))}
            target = quote(request.path) + (f"?{urlencode(request.query)}" if request.query else "")
            head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            yield f"{request.method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


class _Recorder:
    """A service that keeps what it is asked."""

    def __init__(self, media: Path) -> None:
        self._service = make_service(media=media)
        self._lock = Lock()
        self.recorded = Recorded("")

    def handle(self, request: Request) -> Response:
        response = self._service.handle(request)
        with self._lock:
            if response.status == 200 and _ON_PURPOSE not in request.headers:
                self.recorded.requests.append(request)
            else:
                self.recorded.others += 1
        return response


def record(paths: Sequence[Path], folder: Path) -> Recorded:
    """Execute the lessons, which are those of the project in `folder`, and return what they sent."""
    recorder = _Recorder(folder / "notebooks" / "media")
    with MockServer(recorder) as server:
        recorder.recorded.address = server.url
        endpoint = {"AZURE_INFERENCE_ENDPOINT": f"{server.url}/models", "AZURE_INFERENCE_CREDENTIAL": "mock-key"}
        environment = free_environment(folder) | endpoint
        for path in paths:
            resources = {"metadata": {"path": str(path.parent)}}
            book = nbformat.read(path, as_version=4)
            NotebookClient(book, timeout=120, kernel_name="python3", allow_errors=True, resources=resources).execute(
                env=environment
            )
    return recorder.recorded
