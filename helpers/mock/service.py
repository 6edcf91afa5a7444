"""The service: a request in, a response or a stream of events out. No sockets, no event loop.

The way of a request: route -> method -> caller -> faults -> api-version -> the operation (`api`: model card, parse and
check, limits, filter in, answer, filter out, render). What is refused on the way is told by `api.refusing`. All
transports call `Service.handle`.

Deterministic: the same requests in the same order to a fresh service give the same bodies, ids and `created` included.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from . import own_addresses
from .api import listing
from .api.call import Call
from .api.catalogue import Catalogue, bundled
from .api.chat import complete
from .api.engine import PLAIN, Engine
from .api.refusing import refused
from .clock import Clock
from .errors import ApiError
from .gateway.counts import Counts
from .gateway.faults import Faults, Pace
from .gateway.filters import watched
from .gateway.identity import AUDIENCES, DEFAULT_KEY, Issuer, Participant, callers, credentials
from .gateway.limits import Limits
from .gateway.routes import Operation, Target, check_method, check_version, find, preflight
from .http import Later, Request, Response
from .media.addresses import Addresses
from .model.writing.tokens import Tokenizer
from .room.door import Door
from .scripted.journal import Journal
from .scripted.received import Received
from .scripted.scripts import Scripts
from .upstream.client import Upstream


@dataclass(slots=True)
class Service:
    """One mock of the service: its keys, its models, and the little that it remembers between requests.

    `key` is the one that is let in, besides those of the `participants`; `issuer` makes and checks tokens. `media` is a
    folder whose files answer at ``/_mock/media/NAME`` and can be named as picture or sound addresses, `hosts` are those
    from which such addresses may be fetched (none). `pace` slows every answer down. `clock` is the time by which
    `limits` count and tokens expire. `scripts` are answers that tests have laid down, `engine` gives all others,
    or a model behind the mock, `upstream`; `journal` holds the requests.
    """

    key: str = field(default=DEFAULT_KEY, repr=False)
    media: Path | None = None
    hosts: Collection[str] = ()
    clock: Clock = field(default_factory=Clock)
    issuer: Issuer = None  # pyright: ignore[reportAssignmentType]  # made in __post_init__, on this clock
    limits: Limits = None  # pyright: ignore[reportAssignmentType]
    catalogue: Catalogue = field(default_factory=bundled)
    pace: Pace = field(default_factory=Pace)
    tokenizer: Tokenizer = field(default_factory=partial(Tokenizer, watched=watched))
    faults: Faults = field(default_factory=Faults)
    scripts: Scripts = field(default_factory=Scripts)
    engine: Engine = PLAIN
    upstream: Upstream | None = None
    journal: Journal = field(default_factory=Journal)
    door: Door = field(init=False, repr=False, default_factory=Door)
    participants: Mapping[str, Participant] = field(default_factory=dict)
    keys: Mapping[str, str] = field(init=False, repr=False)
    addresses: Addresses = field(init=False)
    repetitions: Counts = field(init=False, repr=False, default_factory=Counts)

    def __post_init__(self) -> None:
        self.keys = callers(self.key, self.participants)
        self.addresses = Addresses(self.media, self.hosts)
        if self.upstream:
            from .api.upstream import UpstreamEngine  # here, since most mocks have none

            self.engine = UpstreamEngine(self.upstream, self.addresses)
        self.issuer = self.issuer or Issuer(clock=self.clock)
        self.limits = self.limits or Limits(self.clock)

    def handle(self, request: Request) -> Response:
        """Answer one request. Never raises for anything that a request can hold."""
        target = find(request.path)
        if target is None and (own := own_addresses.answer(self, request)):
            return own
        note = self.journal.open(request)
        try:
            if target is None:
                raise ApiError("not_found")
            response = preflight(request, target) or self._operate(request, target, note)
        except ApiError as error:
            response = refused(self, request, target, note, error)
        except Exception:  # a fault of the mock's own, which the shell answers: it is noted like any other 500
            self.journal.close(note, Response(500))
            raise
        return (
            self._later(request, target, note, response.later) if response.later else self.journal.close(note, response)
        )

    def _later(self, request: Request, target: Target | None, note: Received, later: Later) -> Response:
        """The response that an engine has yet to begin, refused and noted like any other as soon as it has."""

        def make() -> Response:
            try:
                response = later.make()
            except ApiError as error:
                response = refused(self, request, target, note, error)
            except Exception:
                self.journal.close(note, Response(500))
                raise
            if response.later:
                return self._later(request, target, note, response.later)
            return self.journal.close(note, response)

        def close() -> None:
            later.close()
            note.left = True
            self.journal.close(note, Response(0))

        return Response(0, later=Later(later.ready, make, close))

    def _operate(self, request: Request, target: Target, note: Received) -> Response:
        check_method(request, target.method)
        audiences = AUDIENCES[target.route.kind]
        note.caller = credentials(request, keys=self.keys, issuer=self.issuer, audiences=audiences).name
        fault = self.faults.of(request)
        if fault and fault.refusal:
            raise fault.refusal
        if fault and fault.failure:
            return fault.failure
        check_version(request, target)
        response = _OPERATIONS[target.operation](Call(self, request, target, note))
        return response.then(fault.disturb) if fault else response

    @property
    def waits(self) -> bool:
        """Whether an answer may wait for somebody else: a host from which a picture is fetched."""
        return bool(self.addresses.hosts)

    def reset(self) -> None:
        """Forget every request and all that tests have laid down: what follows is answered as by a fresh mock."""
        for part in (self.repetitions, self.faults, self.limits, self.scripts, self.journal):
            part.reset()


def _embed_texts(call: Call) -> Response:
    from .api.embeddings import embed_texts  # here, since most runs embed nothing

    return embed_texts(call)


def _embed_pictures(call: Call) -> Response:
    from .api.embeddings import embed_pictures

    return embed_pictures(call)


_OPERATIONS: Mapping[Operation, Callable[[Call], Response]] = {
    "chat": complete,
    "embeddings": _embed_texts,
    "image_embeddings": _embed_pictures,
    "info": listing.info,
    "model_list": listing.models,
    "model": listing.model,
}
