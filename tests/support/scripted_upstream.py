"""A server that speaks OpenAI's chat completions as badly as a test wants: what it sends stands in the test."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

_PATIENCE = 20.0  # seconds after which a test that would hang fails instead

Step = bytes | Literal["wait", "cut", "stall"]
"""Bytes are sent as they are, each as a chunk. "wait": until the test lets it go on. "cut": the connection breaks.
"stall": nothing more, until the client has left."""


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    line: str
    headers: dict[str, str] = field(repr=False)
    body: Any


def event(**delta: Any) -> bytes:
    """One event of a stream; `finish_reason` stands beside the delta."""
    finish = delta.pop("finish_reason", None)
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def stream(*texts: str, finish: str = "stop") -> list[Step]:
    """A stream as it should be."""
    said = [event(content=text) for text in texts]
    return [event(role="assistant", content=""), *said, event(finish_reason=finish), b"data: [DONE]\n\n"]


class ScriptedUpstream:
    """Answers the requests in turn with what `send` was told, and all others with "Fine."."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.left = threading.Event()
        self._answers: list[tuple[int, str, list[Step]]] = []
        self._gate = threading.Semaphore(0)

    def send(self, *steps: Step, status: int = 200, head: str = "content-type: text/event-stream") -> None:
        """Answer the next request with these steps."""
        self._answers.append((status, head, list(steps)))

    def go_on(self) -> None:
        """Let a "wait" end."""
        self._gate.release()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve, and give the address of its API."""
        ready, loop, port = threading.Event(), asyncio.new_event_loop(), 0
        task: asyncio.Task[None]

        async def serve() -> None:
            nonlocal port, task
            task = asyncio.current_task()  # pyright: ignore[reportAssignmentType]
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()

        def run() -> None:
            try:
                loop.run_until_complete(serve())
            except asyncio.CancelledError:
                pass
            finally:
                for left in asyncio.all_tasks(loop):
                    left.cancel()
                loop.run_until_complete(asyncio.sleep(0))
                loop.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        ready.wait()
        try:
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join(_PATIENCE)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while begun := await reader.readuntil(b"\r\n\r\n"):
                line, *rest = begun.decode().rstrip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked.append(Asked(line, headers, json.loads(body) if body else None))
                status, more, steps = self._answers.pop(0) if self._answers else (200, "", stream("Fine."))
                head = "\r\n".join([f"HTTP/1.1 {status} X", *filter(None, [more]), "transfer-encoding: chunked"])
                writer.write(f"{head}\r\n\r\n".encode())
                for step in steps:
                    if isinstance(step, bytes):
                        writer.write(b"%x\r\n%b\r\n" % (len(step), step))
                        await writer.drain()
                    elif step == "wait":
                        await asyncio.to_thread(self._gate.acquire, timeout=_PATIENCE)
                    elif step == "cut":
                        return writer.transport.abort()
                    else:
                        await reader.read(1)
                        self.left.set()
                        return None
                writer.write(b"0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()
