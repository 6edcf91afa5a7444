"""The door of the page: in come those who have the mock's own key, by a header or through a form.

A browser posts the key once and gets a cookie, a random ticket that is good for this page alone, until somebody signs
out or the mock ends. So the key is in no address, no history and no log; the mock's own addresses are in no journal.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import parse_qs

from ..errors import ApiError
from ..gateway.identity import KEY_NAME, Issuer, Participant, credentials
from ..http import Request, Response
from ..scripted.journal import Journal

PATH = "/_mock/room"
"""Where the page is."""

_COOKIE = "mock-room"
_FORM = 4_096  # bytes of a form that are read
_WRONG = "This is no key of this mock."
_PARTICIPANTS = "This is a participant's key. The page opens with the mock's own, the one it was started with."


class Keeper(Protocol):
    """What of the service the page shows, and who may see it."""

    door: Door
    issuer: Issuer
    journal: Journal
    keys: Mapping[str, str]
    participants: Mapping[str, Participant]


class Door:
    """Knows the browsers that were let in."""

    def __init__(self) -> None:
        self._ticket = secrets.token_urlsafe(32)

    def knows(self, request: Request) -> bool:
        """Whether the request brings the ticket."""
        return any(hmac.compare_digest(value.encode(), self._ticket.encode()) for value in _cookies(request))

    def cookie(self, request: Request) -> str:
        """The header that gives a browser the ticket. No script reads it, and no other site can have it sent."""
        only = "; Secure" if request.origin.startswith("https:") else ""
        return f"{_COOKIE}={self._ticket}; Path={PATH}; HttpOnly; SameSite=Strict{only}"

    def close(self) -> None:
        """Know nobody any more."""
        self._ticket = secrets.token_urlsafe(32)


def answer(service: Keeper, request: Request) -> Response:
    """The page, the form in front of it, or what follows when that is sent. Raises ApiError 401, 403 and 405."""
    from . import page  # with html's tables, which no answer of the service needs

    if request.method == "POST":
        return _sent(service, request)
    if request.method not in ("GET", "HEAD"):
        raise ApiError("method_not_allowed", headers={"allow": "GET, POST"})
    if service.door.knows(request):
        return page.room(service.journal, service.participants, service.keys)
    if not {"api-key", "authorization"} & request.headers.keys():
        return page.sign_in()
    if _name(service, request) != KEY_NAME:
        raise ApiError("owner_only")
    return page.room(service.journal, service.participants, service.keys)


def _sent(service: Keeper, request: Request) -> Response:
    from . import page

    form = parse_qs(request.body[:_FORM].decode(errors="replace"))
    if "leave" in form:
        if not service.door.knows(request):  # a form of another site, which comes without the cookie, takes nobody's
            return _see({})
        service.door.close()
        return _see({"set-cookie": f"{_COOKIE}=; Path={PATH}; Max-Age=0"})
    try:
        name = _name(service, Request("POST", PATH, headers={"api-key": form.get("key", [""])[0]}))
    except ApiError:
        return page.sign_in(_WRONG)
    return _see({"set-cookie": service.door.cookie(request)}) if name == KEY_NAME else page.sign_in(_PARTICIPANTS)


def _cookies(request: Request) -> Iterator[str]:
    """What the cookies of the door's name hold. All ports of a host share cookies: others may hold anything."""
    for pair in request.headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == _COOKIE:
            yield value


def _see(headers: dict[str, str]) -> Response:
    """Off to the page: a reload then sends no form again."""
    return Response(303, {"location": PATH, "cache-control": "no-store", **headers})


def _name(service: Keeper, request: Request) -> str:
    return credentials(request, keys=service.keys, issuer=service.issuer).name
