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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from threading import RLock
from typing import Literal, NamedTuple, Unpack, get_args

from ..errors import ApiError
from .conditions import Conditions, Wanted, told_end
from .received import Received
from .replies import Answer, Finish, Reply, ScriptedOperation, ToolCall, answerable, as_reply

_COMPLAINTS = 100  # requests without a script that are remembered


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
            over.append(f"{told_end(received)}: this call is then made again only with after_tool= or times=")
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
    import difflib  # here, since only a near miss is told

    return difflib.SequenceMatcher(None, wanted.lower()[:200], received.asked.lower()[:200]).ratio()
