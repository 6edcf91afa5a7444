"""Scripted answers: what a test lets the model say, when it says it, and what happens when no script fits.

The rule: scripts are asked in the order in which they were registered, and the first that fits and is not used up
answers; a plain ``reply(x)``, with neither a condition nor `times`, is asked last, and a newer one takes its place.

Two more, so that nothing surprises:

* A call of a tool is not made again when the tool has just answered: a script that calls tools, has no `times` and no
  `after_tool` does not fit a request that ends with a tool's answer. (Else the same question would find it for ever.
  An answer that is a function decides for itself.)
* What can be scripted must be: as soon as a script could answer chat completions (or embeddings), a request of that
  kind which none fits is refused with 400, naming the request and the nearest script. ``unexpected="answer"`` lets the
  mock's own answers through instead.

Scripts say what the model wants to write. The mock still writes it: tokens, `max_tokens`, `stop`, deltas and usage come
from its generator, and text that is not JSON may answer a request for JSON, since models do that.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import count
from threading import RLock
from typing import Any, Literal, NamedTuple, TypeAlias, TypedDict, Unpack, get_args, overload

from ..errors import ApiError
from ..masking import quoted
from .received import Received
from .replies import Answer, Finish, Reply, ScriptedOperation, ToolCall, answerable, as_reply

Format = Literal["text", "json_object", "json_schema"]
_COMPLAINTS = 100  # requests without a script that are remembered


# --- what a request must be like --------------------------------------------------------------------------------------

Text: TypeAlias = "str | re.Pattern[str]"


class Wanted(TypedDict, total=False):
    """The conditions as keywords of `reply`, `where` and `assert_called`; see `Conditions`."""

    when: Text | Callable[[Received], object]
    model: str
    operation: ScriptedOperation
    turns: int
    after_tool: str | bool
    system: Text
    tool: str
    response_format: Format
    stream: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request must be like, all of it together.

    * `when`: text that the last user message (or the input to embed) holds, whatever the letters' case; a pattern
      that is found in it; or a function of the `Received` request.
    * `model`: the model or the deployment. `operation`: "chat", "embeddings" or "image_embeddings".
    * `turns`: how many user messages the conversation holds. `system`: text or pattern found in the system text.
    * `after_tool`: the conversation ends with the answer of the tool of this name (True: of any tool; False: of none).
    * `tool`: a tool of this name is offered. `response_format`: "text", "json_object", "json_schema". `stream`.
    """

    when: Text | Callable[[Received], object] | None = None
    model: str | None = None
    operation: ScriptedOperation | None = None
    turns: int | None = None
    after_tool: str | bool | None = None
    system: Text | None = None
    tool: str | None = None
    response_format: Format | None = None
    stream: bool | None = None

    def __post_init__(self) -> None:
        for name, value in self._given():
            what, is_one = _KINDS[name]
            if not is_one(value):
                raise ValueError(f"{name} is {what}, not {value!r}")
            if value == "":
                raise ValueError(f"{name}: the empty text is found in every request; leave the condition out")
        for name, allowed in (("operation", ScriptedOperation), ("response_format", Format)):
            value = getattr(self, name)
            if value is not None and value not in get_args(allowed):
                raise ValueError(f"{name} is one of {', '.join(get_args(allowed))}, not {value!r}")

    @classmethod
    def of(cls, given: Mapping[str, Any], *beside: str) -> Conditions:
        """The conditions as the keywords of a call that takes the names `beside` as well.

        Raises TypeError for a name that is none of them, saying which there are and which is meant.
        """
        names = [each.name for each in fields(cls)]
        if wrong := [name for name in given if name not in names]:
            raise TypeError(no_such("condition", wrong[0], names, beside))
        return cls(**given)

    def _given(self) -> Iterator[tuple[str, Any]]:
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return ((name, value) for name, value in values if value is not None)

    def __bool__(self) -> bool:
        """Whether there is any condition."""
        return any(True for _ in self._given())

    def __str__(self) -> str:
        """ "for when='Oslo', turns=2", or "for every request"."""
        return f"for {', '.join(_wish(*item) for item in self._given())}" if self else "for every request"

    def fit(self, received: Received) -> bool:
        """Whether the request is like this."""
        return all(CHECKS[name].fits(value, received) for name, value in self._given())

    def misfits(self, received: Received) -> list[str]:
        """What of the request does not fit, each in words; [] when everything does."""
        wanted = ((CHECKS[name], value) for name, value in self._given())
        return [check.told(value, received) for check, value in wanted if not check.fits(value, received)]


def _is_text(value: object) -> bool:
    return isinstance(value.pattern if isinstance(value, re.Pattern) else value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str)


# Each condition: what it is, and whether a value is one.
_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "when": ("text, a pattern of text, or a function", lambda value: _is_text(value) or callable(value)),
    "model": ("a name", _is_name),
    "operation": ("a name", _is_name),
    "turns": ("a number from 1", lambda value: type(value) is int and value > 0),
    "after_tool": ("a tool's name, True or False", lambda value: isinstance(value, str | bool)),
    "system": ("text or a pattern of text", _is_text),
    "tool": ("a name", _is_name),
    "response_format": ("a name", _is_name),
    "stream": ("True or False", lambda value: isinstance(value, bool)),
}


def no_such(what: str, name: str, names: Collection[str], beside: Collection[str] = ()) -> str:
    """What to say of a keyword that does not exist: the one that is meant, and all `names` of its kind."""
    near = difflib.get_close_matches(name, [*names, *beside], 1)
    meant = f"; is {near[0]}= meant?" if near else "."
    others = f"; besides, it takes {', '.join(beside)}" if beside else ""
    return f"there is no {what} {name!r}{meant} The {what}s are {', '.join(names)}{others}"


def _wish(name: str, value: Any) -> str:
    if isinstance(value, re.Pattern):
        return f"{name}=/{value.pattern}/"
    if callable(value):
        return f"{name}={getattr(value, '__name__', 'function')}"
    return f"{name}={value!r}"


def _holds(text: str, wanted: Text) -> bool:
    return bool(wanted.search(text)) if isinstance(wanted, re.Pattern) else wanted.lower() in text.lower()


def _about(wanted: Text | Callable[[Received], object], received: Received) -> bool:
    if isinstance(wanted, str | re.Pattern):
        return _holds(received.asked, wanted)
    try:
        return bool(wanted(received))
    except KeyboardInterrupt:
        raise
    except BaseException:  # a slip in the test (pytest.fail is none of Exception): `_told_about` says so
        return False


def _told_about(wanted: Text | Callable[[Received], object], received: Received) -> str:
    if isinstance(wanted, str | re.Pattern):
        what = "the last user message" if received.messages else "the input"
        return f"{what} is {quoted(received.asked, received.hide) if received.asked else 'empty'}"
    name = getattr(wanted, "__name__", "function")
    try:
        wanted(received)
    except KeyboardInterrupt:
        raise
    except BaseException as fault:
        return f"{name} failed with {type(fault).__name__}: {received.hide(str(fault))[:100]}"
    return f"{name} says no"


def _after_tool(wanted: str | bool, received: Received) -> bool:
    answered = received.tool_answers
    return wanted in answered if isinstance(wanted, str) else wanted == bool(answered)


def _told_end(received: Received) -> str:
    answered = ", ".join(received.tool_answers)
    return f"it ends with the answer of {answered}" if answered else "it does not end with a tool's answer"


def _told_system(received: Received) -> str:
    text = received.system_text
    return f"the system text is {quoted(text, received.hide)}" if text else "there is no system text"


class Check(NamedTuple):
    """One condition: whether a request fits the wanted value, and what to say of the request when it does not."""

    fits: Callable[[Any, Received], bool]
    told: Callable[[Any, Received], str]


CHECKS: dict[str, Check] = {
    "when": Check(_about, _told_about),
    "model": Check(
        lambda wanted, it: wanted.lower() in {str(name).lower() for name in (it.card, it.deployment)},
        lambda _, it: f"the model is {it.model or 'not named'}",
    ),
    "operation": Check(lambda wanted, it: it.operation == wanted, lambda _, it: f"it is a request for {it.operation}"),
    "turns": Check(lambda wanted, it: it.turns == wanted, lambda _, it: f"it has {it.turns} turns"),
    "after_tool": Check(_after_tool, lambda _, it: _told_end(it)),
    "system": Check(lambda wanted, it: _holds(it.system_text, wanted), lambda _, it: _told_system(it)),
    "tool": Check(
        lambda wanted, it: wanted in it.tools, lambda _, it: f"it offers {', '.join(it.tools) or 'no tools'}"
    ),
    "response_format": Check(
        lambda wanted, it: it.response_format == wanted, lambda _, it: f"its response_format is {it.response_format}"
    ),
    "stream": Check(
        lambda wanted, it: it.stream == wanted, lambda _, it: f"it is {'' if it.stream else 'not '}streamed"
    ),
}


# --- scripts ----------------------------------------------------------------------------------------------------------


class Misfit(NamedTuple):
    """Why a script does not answer a request: what of the request it does not expect, and what of it is over."""

    script: Script
    unlike: list[str]
    over: list[str]

    @property
    def reasons(self) -> list[str]:
        return [*self.unlike, *self.over]


@dataclass(slots=True, eq=False)
class Script:
    """One answer with its conditions; `times` is how often it can be given (None: always), `used` how often it was."""

    answer: Answer
    conditions: Conditions = field(default_factory=Conditions)
    times: int | None = None
    finish_reason: Finish | None = None
    unoffered: bool = False
    number: int = 0
    used: int = 0
    _reply: Reply | None = None

    def __post_init__(self) -> None:
        if self.times is not None and (type(self.times) is not int or self.times < 1):
            raise ValueError(f"times is a number from 1, not {self.times!r}")
        if self.finish_reason is not None and self.finish_reason not in get_args(Finish):
            raise ValueError(f"finish_reason is one of {', '.join(get_args(Finish))}, not {self.finish_reason!r}")
        if not callable(self.answer):
            self._reply = as_reply(self.answer, self.finish_reason)
            if not self.operations <= answerable(self._reply):
                raise ValueError(f"{self.answer!r} is no answer to a request for {self.conditions.operation}")

    @property
    def plain(self) -> bool:
        """Whether it answers whatever nothing else fits."""
        return self.times is None and not self.conditions

    @property
    def operations(self) -> frozenset[ScriptedOperation]:
        """The kinds of requests that it could answer."""
        able = answerable(self._reply) if self._reply else frozenset[ScriptedOperation](("chat",))
        return frozenset((self.conditions.operation,)) if self.conditions.operation else able

    def fits(self, received: Received) -> bool:
        """Whether it answers this request."""
        open_ended = received.operation in self.operations and not self._used_up
        return open_ended and self.conditions.fit(received) and not self._repeats(received)

    def misfit(self, received: Received) -> Misfit:
        """Why it does not answer this request, in words; without reasons when it does."""
        unlike, over = self.conditions.misfits(received), []
        if received.operation not in self.operations and not self.conditions.operation:
            unlike.append(f"it is a request for {received.operation}")
        if self._repeats(received):
            over.append(f"{_told_end(received)}: this call is then made again only with after_tool= or times=")
        if self._used_up:
            over.append(f"it is used up ({self.used} of {self.times})")
        return Misfit(self, unlike, over)

    @property
    def _used_up(self) -> bool:
        return self.times is not None and self.used >= self.times

    def _repeats(self, received: Received) -> bool:
        """Whether it would call a tool whose answer it has just got, and that for ever."""
        calls = self._reply.calls if self._reply else ()
        for_ever = calls and self.times is None and self.conditions.after_tool is None
        return bool(for_ever and received.tool_answers)

    def reply_to(self, received: Received) -> Reply:
        """The reply, checked against the request. Raises ApiError 400 "scripted_answer" when it cannot be given."""
        reply = self._reply or self._made_for(received)
        if received.operation not in answerable(reply):
            raise self._unable(f"its answer is none to a request for {received.operation}")
        body = received.json if isinstance(received.json, dict) else {}
        offered = [] if body.get("tool_choice") == "none" else received.tools
        for call in reply.calls:
            if call.name not in offered and not self.unoffered:
                names = f"the request offers {', '.join(offered) or 'no tools'}"
                raise self._unable(f"it calls {call.name!r}, and {names}; if that is meant, give it unoffered=True")
        return replace(reply, script=f"#{self.number}")

    def _made_for(self, received: Received) -> Reply:
        try:
            return as_reply(self.answer(received), self.finish_reason)  # pyright: ignore[reportCallIssue]
        except KeyboardInterrupt:
            raise
        except BaseException as fault:  # a slip in the test, pytest.fail included: a 500 would be repeated by clients
            reason = f"its function failed with {type(fault).__name__}: {received.hide(str(fault))}"
            raise self._unable(reason) from fault

    def _unable(self, reason: str) -> ApiError:
        return ApiError("scripted_answer", script=f"#{self.number} {self.conditions}", reason=reason)

    def __str__(self) -> str:
        """ "#2 for when='Oslo': ToolCall('get_weather', {'city': 'Oslo'})"."""
        said = getattr(self.answer, "__name__", "function") if self._reply is None else repr(self.answer)
        limit = f", {self.times} time{'s' if self.times > 1 else ''}" if self.times else ""
        return f"#{self.number} {self.conditions}{limit}: {said if len(said) <= 80 else f'{said[:80]}…'}"


class Scripts:
    """The scripted answers of one mock. Safe to use from several threads; nothing here depends on time or chance.

    `scripts` are there from the beginning and after every `reset` (those of a file, say). `unexpected` says what
    becomes of a request that no script fits: "fail" refuses it, "answer" lets the mock answer by itself.
    """

    def __init__(self, scripts: Iterable[Script] = (), *, unexpected: Literal["fail", "answer"] = "fail") -> None:
        self.unexpected = unexpected
        self._first = tuple(scripts)
        self._lock = RLock()  # a predicate may look at the scripts
        self.reset()

    def reset(self) -> None:
        """Back to the beginning: what was registered since is gone, what was used is unused."""
        with self._lock:
            self._scripts: list[Script] = []
            self._complaints: list[str] = []
            self._numbers = count(1)
            for script in self._first:
                script.used = 0
                self.add(script)

    def reply(
        self,
        answer: Answer,
        /,
        *,
        times: int | None = None,
        finish_reason: Finish | None = None,
        unoffered: bool = False,
        **conditions: Unpack[Wanted],
    ) -> Script:
        """Let the model answer so: to every request that fits the `conditions`, or only to the first `times` of them.

        `answer` is text, `ToolCall` or a list of them, `Error`, `Embedding`, any other JSON value (written as JSON), or
        a function of the `Received` request that returns one of these. `unoffered` allows calls of tools that the
        request does not offer. Raises ValueError for a script that could never be used, TypeError for a condition that
        does not exist.
        """
        found = Conditions.of(conditions, "times", "finish_reason", "unoffered")
        return self.add(Script(answer, found, times, finish_reason, unoffered))

    def replies(self, *answers: Answer, unoffered: bool = False, **conditions: Unpack[Wanted]) -> list[Script]:
        """A queue: each answer once, in this order. What comes after the last is unexpected.

        Raises ValueError for a single list: the answers of a queue are written one by one. (A list of nothing but
        `ToolCall` is one answer.)
        """
        if not answers:
            raise ValueError("a queue holds at least one answer")
        if len(answers) == 1 and _is_queue(answers[0]):
            raise ValueError(
                "the answers of a queue are written one by one, replies('one', 'two') or replies(*answers); a list as"
                " the JSON that one answer holds is reply([...], times=1)"
            )
        found = Conditions.of(conditions, "unoffered")
        return [self.add(Script(answer, found, 1, unoffered=unoffered)) for answer in answers]

    def add(self, script: Script) -> Script:
        """Register a script behind the others. Raises ValueError when it could never be used."""
        with self._lock:
            script.number = next(self._numbers)
            for place, other in enumerate(self._scripts):
                shared = other.operations & script.operations
                if other.times is not None or other.conditions != script.conditions or not shared:
                    continue
                if script.times is None:  # said anew: the newer one counts
                    covered = other.operations == shared
                    self._scripts[place : place + covered] = [script]
                    return script
                if shared == script.operations and not other.plain:
                    raise ValueError(
                        f"{script} can never be used: {other} answers all of these requests; register it later"
                    )
            self._scripts.append(script)
            return script

    def take(self, received: Received) -> Reply | None:
        """The scripted answer to a request, which it uses up; None when the mock is to answer by itself.

        Raises ApiError 400: "no_scripted_answer" when no script expects the request, "scripted_answer" when the script
        that does cannot answer it (it calls a tool that is not offered, say).
        """
        if not self._scripts or received.operation not in get_args(ScriptedOperation):
            return None
        if received.parsed is None:
            received.parsed = received.json  # so that it is parsed once, however many scripts look at it
        with self._lock:
            asked = sorted(self._scripts, key=lambda script: script.plain)
            script = next((script for script in asked if script.fits(received)), None)
            if script is not None:
                script.used += 1
            elif self.unexpected == "answer" or not any(received.operation in each.operations for each in asked):
                return None
        try:
            if script is None:
                raise _unexpected(received, [each.misfit(received) for each in asked])
            return script.reply_to(received)  # outside the lock: a function of the test may take its time
        except ApiError as error:
            self._complain(error.message)
            raise

    def _complain(self, message: str) -> None:
        if len(self._complaints) < _COMPLAINTS:
            self._complaints.append(message)

    @property
    def complaints(self) -> list[str]:
        """What was refused because of the scripts, at most the first 100: also what a program under test swallowed."""
        with self._lock:
            return list(self._complaints)

    def unused(self) -> list[Script]:
        """The scripts that were never used, and queues and `times` that were not used to their end."""
        with self._lock:
            return [script for script in self._scripts if script.used < (script.times or 1)]

    def assert_all_used(self) -> None:
        """Raises AssertionError when a script was not used (to its end), or a request found none."""
        told = [*self.complaints, *(f"not used: {script}" for script in self.unused())]
        if told:
            raise AssertionError("\n".join(told))


def _is_queue(answer: Answer) -> bool:
    return isinstance(answer, list | tuple) and not (answer and all(isinstance(each, ToolCall) for each in answer))


def _unexpected(received: Received, misfits: Sequence[Misfit]) -> ApiError:
    near = min(misfits, key=lambda it: (len(it.unlike), len(it.over), -_likeness(it.script, received)))
    return ApiError(
        "no_scripted_answer",
        request=repr(received),
        count=f"{len(misfits)} script{'s' if len(misfits) > 1 else ''}",
        script=received.hide(f"#{near.script.number} {near.script.conditions}"),
        reasons=received.hide(" and ".join(near.reasons)),
    )


def _likeness(script: Script, received: Received) -> float:
    """How near the wanted text is to what was asked, 0 to 1."""
    wanted = script.conditions.when
    if not isinstance(wanted, str):
        return 0.0
    return difflib.SequenceMatcher(None, wanted.lower()[:200], received.asked.lower()[:200]).ratio()


# --- assertions on what was received ----------------------------------------------------------------------------------


class Requests(Sequence[Received]):
    """Requests that were received, oldest first, with the few assertions that tests need.

    `where` and the assertions take the conditions of `reply`.
    """

    def __init__(self, received: Iterable[Received] = ()) -> None:
        self._received = tuple(received)

    @overload
    def __getitem__(self, index: int) -> Received: ...
    @overload
    def __getitem__(self, index: slice) -> Requests: ...
    def __getitem__(self, index: int | slice) -> Received | Requests:
        return Requests(self._received[index]) if isinstance(index, slice) else self._received[index]

    def __len__(self) -> int:
        return len(self._received)

    @property
    def last(self) -> Received:
        """The newest. Raises AssertionError when there is none."""
        if not self._received:
            raise AssertionError("no request was received")
        return self._received[-1]

    def where(self, **conditions: Unpack[Wanted]) -> Requests:
        """Those that fit. TypeError for a condition that does not exist."""
        wanted = Conditions.of(conditions)
        return self._like(wanted)

    def assert_called(self, times: int | None = None, **conditions: Unpack[Wanted]) -> Requests:
        """Those that fit; raises AssertionError, showing what was received, when there are none or not `times`."""
        wanted = Conditions.of(conditions, "times")
        found = self._like(wanted)
        if len(found) == times or (times is None and found):
            return found
        count = "at least 1 request" if times is None else f"{times} request{'' if times == 1 else 's'}"
        told = f"expected {count} {wanted}, found {len(found)}"
        raise AssertionError(f"{told} of the {len(self)} received:\n{self!r}" if self else f"{told}; none was received")

    def assert_not_called(self, **conditions: Unpack[Wanted]) -> None:
        """Raises AssertionError, showing them, when requests fit."""
        self.assert_called(0, **conditions)

    def _like(self, wanted: Conditions) -> Requests:
        return Requests(received for received in self._received if wanted.fit(received))

    def __repr__(self) -> str:
        shown = [repr(received) for received in self._received[-20:]]
        hidden = len(self) - len(shown)
        return "\n".join([f"({hidden} earlier ones)", *shown] if hidden else shown) or "no requests"
