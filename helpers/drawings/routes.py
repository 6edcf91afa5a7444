"""Lesson 12: which client talks to which route, and which route lets it in."""

from __future__ import annotations

from collections.abc import Mapping

from .svg import MARGIN, Canvas, Drawing

_LEFT, _RIGHT, _WIDE_LEFT, _WIDE_RIGHT = MARGIN, 262, 150, 208
_APART = 14  # between two rows


def clients_and_routes(answered: Mapping[str, tuple[str, int]]) -> Drawing:
    """A row for each client: what it is, the path it asked, and the status it got; `answered` has the last two."""
    canvas = Canvas()
    heads = [canvas.words(x, MARGIN, head, bold=True) for x, head in ((_LEFT, "the client"), (_RIGHT, "the route"))]
    top, told = max(head.bottom for head in heads) + 8, []
    for client, (path, status) in answered.items():
        route, _, version = path.partition("?")
        route = route.removesuffix("/chat/completions")
        good = status < 400
        asks = canvas.box(_LEFT, top, _WIDE_LEFT, f"`{client}`", tone="sent", small=True, height=44)
        says = f"`{route}`\n{'with' if version else 'without'} an api-version"
        gets = canvas.box(_RIGHT, top, _WIDE_RIGHT, says, tone="good" if good else "bad", small=True, height=44)
        middle = top + 22
        canvas.arrow((asks.right[0], middle), (gets.left[0], middle), str(status), dashed=not good)
        top = max(asks.bottom, gets.bottom) + _APART
        told.append(f"{client} asks {route} {'with' if version else 'without'} an api-version and gets {status}.")
    return canvas.drawing("Which client talks to which route", " ".join(told))
