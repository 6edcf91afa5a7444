"""The floor: the smallest uvicorn application that reads a request and returns a fixed answer.

A process of its own, under the server settings of the mock, which come in as JSON; nothing of the mock is imported.
``python floor.py SETTINGS SIZE CHUNKS``: a body of SIZE bytes, or, with CHUNKS above 0, a stream of so many chunks of
SIZE bytes, each of which leaves by itself, as somebody who watches the stream must see it.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from typing import Any

import uvicorn

HEADERS = [(b"content-type", b"application/json"), (b"x-ms-rai-invoked", b"true")]
STREAM_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-ms-rai-invoked", b"true")]


def application(answer: bytes, chunks: int) -> Any:
    """The ASGI application: reads each request to its end."""
    headers = STREAM_HEADERS if chunks else [*HEADERS, (b"content-length", str(len(answer)).encode())]
    start = {"type": "http.response.start", "status": 200, "headers": headers}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send(start)
        for _ in range(chunks):
            await send({"type": "http.response.body", "body": answer, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"" if chunks else answer})

    return app


def main(settings: str, size: str, chunks: str) -> None:
    options = json.loads(settings)
    listening = socket.create_server(("127.0.0.1", 0), backlog=options["backlog"])
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"The floor is ready: http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    app = application(b"x" * int(size), int(chunks))
    uvicorn.Server(uvicorn.Config(app, **options)).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
