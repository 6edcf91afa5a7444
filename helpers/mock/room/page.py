"""The page itself: HTML that works without a script, asks no other host for anything, and trusts no text.

Everything that came with a request is escaped, and the policy in the header allows this page's own style and script by
their hashes and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path

from ..gateway.identity import KEY_NAME, Participant
from ..http import Response
from ..masking import masker
from ..scripted.activity import Caller, Failure, Picture
from ..scripted.journal import Journal

_HERE = Path(__file__).resolve().parent
_ACTIVE = 300  # seconds after the last answer in which somebody counts as active
_OWN = {None: "no valid key", KEY_NAME: "the mock's own key"}  # callers that are nobody of the list


def sign_in(wrong: str = "") -> Response:
    """The form for the key; `wrong` says what was wrong with the one before."""
    complaint = f'<p id="wrong" class="bad" role="alert">{escape(wrong)}</p>' if wrong else ""
    described = ' aria-invalid="true" aria-describedby="wrong"' if wrong else ""
    body = f"""<main>
<h1>The room</h1>
<p>Who is active, the load, and what was refused last. This page opens with the key that the mock was started with.</p>
<form method="post">
{complaint}
<label for="key">The mock's own key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required{described}>
<button>Open</button>
</form>
</main>"""
    return _page(body, 403 if wrong else 401)


def room(journal: Journal, participants: Mapping[str, Participant], keys: Mapping[str, str]) -> Response:
    """The room as it is now. Participants who have not called yet are on the list too.

    None of `keys` is shown, wherever in a request somebody put it: such a page hangs on walls.
    """
    now = journal.picture()
    off = "" if journal.enabled else '<p class="bad">The mock was started with --no-journal: nothing is counted.</p>'
    body = f"""<header>
<h1>The room</h1>
<nav aria-label="This page">
<a href="">Refresh</a>
<button type="button" id="live" aria-pressed="true" hidden>Live</button>
<form method="post"><button name="leave" value="yes">Sign out</button></form>
</nav>
<p id="lost" class="bad" role="status"></p>
</header>
<main id="now">
{off}{_figures(now, participants)}
{_people(now.callers, participants)}
{_failures(now.failures, keys.values())}
</main>"""
    return _page(body, 200, scripted=True)


def _figures(now: Picture, participants: Mapping[str, Participant]) -> str:
    active = sum(caller.ago < _ACTIVE and caller.name is not None for caller in now.callers)
    known = {caller.name for caller in now.callers if caller.name is not None} | participants.keys()
    figures = (
        ("Active", f"{active} of {len(known)}", f"in the last {_ACTIVE // 60} minutes"),
        ("Load", f"{now.lately:,}", f"requests in the last minute, {now.lately / 60:.1f} a second"),
        ("Refused", f"{now.refused_lately:,}", "of them"),
        ("Under way", f"{now.under_way:,}", "unanswered or streaming"),
        ("In all", f"{now.requests:,}", f"requests in {_span(now.seconds)}, {now.refused:,} refused"),
    )
    items = "\n".join(
        f"<div><dt>{name}</dt><dd><strong>{value}</strong> {what}</dd></div>" for name, value, what in figures
    )
    return f"<dl>\n{items}\n</dl>"


def _failures(failures: Iterable[Failure], keys: Iterable[str]) -> str:
    hide = masker(keys)
    items = [
        f"<li>{_span(failure.ago)} ago <b>{_shown(failure.note.caller)}</b>"
        f" <span>{escape(hide(repr(failure.note)))}</span></li>"
        for failure in failures
    ]
    title = '<h2 id="refused">What was refused last</h2>'
    if not items:
        return f"<section>{title}<p>Nothing so far.</p></section>"
    note = "<p>Some lessons have requests refused on purpose, lesson 10 above all.</p>"
    lines = "\n".join(items)
    return f'<section>{title}{note}<ul aria-labelledby="refused">\n{lines}\n</ul></section>'


def _people(callers: Iterable[Caller], participants: Mapping[str, Participant]) -> str:
    seen = {caller.name: caller for caller in callers}
    names = [*participants, *(name for name in seen if name not in participants)]
    rows = [(_shown(name), *_person(seen.get(name))) for name in names]
    title = '<h2 id="people">Who is here</h2>'
    if not rows:
        return f"<section>{title}<p>Nobody yet.</p></section>"
    heads = ("Who", "State", "Last minute", "Requests", "Refused", "Last answer")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    lines = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    inside = f"<thead><tr>{head}</tr></thead><tbody>\n{lines}\n</tbody>"
    return f'<section>{title}<table aria-labelledby="people">{inside}</table></section>'


def _person(caller: Caller | None) -> tuple[str, ...]:
    if caller is None:
        return ("not seen yet", "0", "0", "0", "")
    state = "<b>active</b>" if caller.ago < _ACTIVE else f"quiet for {_span(caller.ago)}"
    return (state, f"{caller.lately:,}", f"{caller.requests:,}", f"{caller.refused:,}", f"{caller.last_status or ''}")


def _shown(name: str | None) -> str:
    return f"<i>{_OWN[name]}</i>" if name in _OWN else escape(str(name))


def _span(seconds: float) -> str:
    """A length of time, as one says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


def _page(body: str, status: int, *, scripted: bool = False) -> Response:
    style, script = (_asset(name) for name in ("room.css", "room.js"))
    behind = f"<script>{script[0]}</script>" if scripted else ""
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The room: the mock of Azure AI Model Inference</title>
<link rel="icon" href="data:,">
<style>{style[0]}</style>
</head>
<body>
{body}
{behind}
</body>
</html>
"""
    policy = (
        f"default-src 'none'; style-src '{style[1]}'; script-src '{script[1]}'; img-src data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return Response(status, headers, html.encode("utf-8", "replace"))


@cache
def _asset(name: str) -> tuple[str, str]:
    """A file of this room, and its hash as a policy names it."""
    text = (_HERE / name).read_text("utf-8")
    return text, f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
