"""A scripted upstream: the smallest uvicorn application that answers as an OpenAI server does, always the same.

A process of its own. ``python writer.py SETTINGS CHUNKS``: a stream of so many words, each an event that leaves by
itself, then the finish reason and ``[DONE]``.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from typing import Any

import uvicorn

START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream; charset=utf-8")],
}


def application(events: list[bytes]) -> Any:
    """The ASGI application: reads each request to its end."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send(START)
        for event in events:
            await send({"type": "http.response.body", "body": event, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})

    return app


def event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "chatcmpl-0123456789abcdef", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    return f"data: {json.dumps({**head, 'choices': [choice]})}\n\n".encode()


def main(settings: str, chunks: str) -> None:
    options = json.loads(settings)
    words = [event({"content": f" word{number}"}) for number in range(int(chunks))]
    events = [event({"role": "assistant", "content": ""}), *words, event({}, "stop"), b"data: [DONE]\n\n"]
    listening = socket.create_server(("127.0.0.1", 0), backlog=options["backlog"])
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"The upstream is ready: http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(application(events), **options)).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
