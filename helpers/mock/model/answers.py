"""What the mock says: to the lessons' questions, to what the plain skills know, and to all else the honest answer.

A skill gets the conversation and returns an answer or None. Answers are written in a small markup:
``{about|around|roughly}`` is a place that can be worded in several ways, the most natural first (`generate.Choice`).
The lessons' questions are answered from `data/answers/*.toml`; to answer another question is to add an entry there.
What is known about pictures and sounds is told here; everyday prompts are the business of `skills`.
Asked anything else, the mock says that it is the mock and reflects what it was asked: it never pretends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, pairwise, zip_longest
from typing import Any, NamedTuple

from ..data import answer_files, table
from ..gateway.filters import folded
from ..media import pictures, sounds
from . import skills
from .skills import READ, escape
from .writing.generate import Choice, Text
from .writing.tokens import text_of

LANGUAGES = {"english": "en", "spanish": "es", "french": "fr", "german": "de", "italian": "it", "portuguese": "pt"}


class Seen(NamedTuple):
    """A picture in sight: the name under which the mock knows it (None: a stranger), and its bytes."""

    name: str | None
    data: bytes


@dataclass(slots=True)  # not frozen: there is one for each request, and frozen ones are made in twice the time
class Conversation:
    """What a request says, as the skills read it.

    `question` is the text of the last user turn; `meaning` is the same with what it leaves out filled in from the
    turns before ("and in Asia?" -> "How many languages are in Asia?"). `shown` pairs the earlier user turns with their
    replies. `pictures` and `sounds` are those that the model still has in context.
    """

    system: str
    question: str
    meaning: str
    asked: tuple[str, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Seen, ...] = ()
    sounds: tuple[bytes, ...] = ()


def read(messages: Sequence[dict[str, Any]], images: Sequence[bytes] = (), clips: Sequence[bytes] = ()) -> Conversation:
    """Read a conversation in wire format."""
    system = "\n".join(filter(None, [text_of(m) for m in messages if m["role"] in ("system", "developer")]))
    asked = tuple([text_of(m)[:READ] for m in messages if m["role"] == "user"])
    meaning = ""
    for question in asked:
        meaning = resolve(question, meaning)
    return Conversation(
        system=system,
        question=asked[-1] if asked else "",
        meaning=meaning,
        asked=asked,
        shown=_shown(messages) if len(asked) > 1 else (),
        pictures=tuple(Seen(pictures.recognise(data), data) for data in images),
        sounds=tuple(clips),
    )


def _shown(messages: Sequence[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    """The user turns that got a reply, each with it."""
    return tuple(
        (text_of(turn)[:READ], text_of(reply)[:READ])
        for turn, reply in pairwise(messages)
        if turn["role"] == "user" and reply["role"] == "assistant"
    )


class Said(NamedTuple):
    """An answer in words, and whether a skill knew it; else it is the honest answer to everything else."""

    text: Text
    known: bool


def answer(conversation: Conversation) -> Said:
    """The mock's answer in words, in the manner that the system text asks for."""
    known = _lesson(conversation) or _see(conversation) or _hear(conversation) or skills.known(conversation)
    wanted = _styles_wanted(conversation.system) if conversation.system else ()
    if not known:
        honest, said = _reflect(conversation)
        if not wanted:
            return Said(_filled(honest, said), False)
        markup = "".join(chain.from_iterable(zip_longest(honest.split(_BLANK), map(escape, said), fillvalue="")))
    else:
        markup = known
    for style, match in wanted:
        markup = style(markup, match)
    return Said(parse_markup(markup), bool(known))


def _styles_wanted(system: str) -> list[tuple[Callable[[str, re.Match[str]], str], re.Match[str]]]:
    small = folded(system)
    found = []
    for words, pattern, style in _styles():
        if any(word in small for word in words) and (match := pattern.search(system)):
            found.append((style, match))
    return found


_PLACE_WITH_WORDINGS = re.compile(r"\{([^{}|]*(?:\|[^{}|]*)+)\}")


def parse_markup(markup: str) -> Text:
    """``It is {about|around} noon.`` as a planned text."""
    return _lesson_texts().get(markup) or _read_markup(markup)


@cache
def _lesson_texts() -> dict[str, Text]:
    """The lessons' answers as planned texts, each read once: a `Text` keeps its tokens."""
    return {entry.say: _read_markup(entry.say) for entry in entries()}


def _read_markup(markup: str) -> Text:
    parts: list[str | Choice] = []
    for index, piece in enumerate(_PLACE_WITH_WORDINGS.split(markup)):
        if index % 2:
            parts.append(Choice(tuple(_unescape(wording) for wording in piece.split("|"))))
        elif piece:
            parts.append(_unescape(piece))
    return Text(tuple(parts))


_BLANK = "\0"


def _filled(markup: str, said: Sequence[str]) -> Text:
    """A planned text of mostly constant markup, with what a request said at its blanks."""
    left = iter(said)
    return Text(
        tuple(
            f"{part[0]}{_unescape(next(left))}{part[1]}" if isinstance(part, tuple) else part
            for part in _with_blanks(markup)
        )
    )


@cache
def _with_blanks(markup: str) -> tuple[str | Choice | tuple[str, ...], ...]:
    """The parts of a markup; one with a blank as what stands before it and behind it."""
    return tuple(
        part.partition(_BLANK)[::2] if isinstance(part, str) and _BLANK in part else part
        for part in _read_markup(markup).parts
    )


_ESCAPED = str.maketrans("\x01\x02\x03", "{}|")


def _unescape(text: str) -> str:
    return text.translate(_ESCAPED) if not text.isprintable() else text


# --- what a follow-up means -------------------------------------------------------------------------------------------

_LEAD = re.compile(r"^\s*(?:and|but|so|ok(?:ay)?|now|then|well)\b[\s,]*", re.IGNORECASE)
_COUNTED = re.compile(
    r"\bhow (?:many|much) (?P<noun>.+?)"
    r"\s+(?:is|are|was|were|do|does|did|can|could|have|has|live|exist|there|in|on|at)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"how (?:many|much)\b(?:\s+of (?:them|these|those|it)\b|\s+(?:are|in|on|at|live)\b)", re.IGNORECASE
)
_PLACE = re.compile(
    r"\b(in|on|at|for|of|from|to|near|during|by)\s+(?P<object>[^?.!,;]+?)\s*(?=[?.!,;]|$)", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how) about\s+(?P<object>[^?!]+?)[\s?!.]*$", re.IGNORECASE)
_ONLY_PLACE = re.compile(
    r"^(?P<word>in|on|at|for|of|from|to|near|during|by)\s+(?P<object>[^?!]+?)[\s?!.]*$", re.IGNORECASE
)
_WHEN = re.compile(
    r"(?:today|tonight|tomorrow|yesterday|now|(?:next|this) (?:week|weekend|month|year)|"
    r"(?:(?:on|next|this) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\b(it|its|they|them|their|that|this|those|these|he|she|him|her|there|one|ones)\b", re.IGNORECASE
)


def resolve(question: str, before: str) -> str:
    """What a question means in the light of the one before it.

    "How many bridges are in Ghent?", then "and how many of them in Bruges?" -> "How many bridges are in Bruges?".
    A question that stands on its own comes back unchanged.
    """
    if not before.strip():
        return question
    bare = _LEAD.sub("", question).strip()
    about = _ABOUT.match(bare)
    if about and _WHEN.match(about["object"]):
        return f"{before.strip().rstrip('?.! ')} {about['object']}?"
    if about:
        return _with_object(before, None, about["object"]) or f"{bare} ({before})"
    place = _ONLY_PLACE.match(bare)
    if place:
        return _with_object(before, place["word"], place["object"]) or f"{bare} ({before})"
    counted = _HOW_MANY.match(bare) and _COUNTED.search(before)
    if counted:
        noun = counted["noun"]
        return re.sub(r"^(how (?:many|much))(?:\s+of (?:them|these|those|it))?", rf"\1 {noun}", bare, flags=re.I)
    if len(bare.split()) <= 12 and _POINTING.search(bare) and bare.lower() != before.lower():
        return f"{bare} ({before.strip()})"
    return question


def _with_object(before: str, word: str | None, new: str) -> str | None:
    """The question before, about another place or thing."""
    every = list(_PLACE.finditer(before))
    if not every:
        return None
    alike = [phrase for phrase in every if word and phrase[1].lower() == word.lower()]
    last = (alike or every)[-1]
    kept = before[: last.start("object")] if word is None else f"{before[: last.start()]}{word} "
    return f"{kept}{new.strip()}{before[last.end('object') :]}"


# --- the lessons' questions, pictures and sounds ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One lesson answer: `match` is searched in the question's meaning, `picture` names what must be in sight.

    `needs` is a piece of text, in lower case, without which `match` cannot be found: looking for it first is quicker.
    """

    pattern: str
    say: str
    needs: str = ""
    picture: str = ""
    system_pattern: str = ""

    @property
    def match(self) -> re.Pattern[str]:
        return _insensitive(self.pattern)

    @property
    def system(self) -> re.Pattern[str]:
        return _insensitive(self.system_pattern)


_insensitive = cache(partial(re.compile, flags=re.IGNORECASE))  # compiled when first wanted: a start takes long enough


_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\{[^}]*\}|[\w '-]+|.", re.DOTALL)


def _needed(pattern: str) -> str:
    """The longest text that every match of a pattern holds, in lower case, as far as it can be told without a parser:
    what stands outside of groups and classes and is not optional. "" for a choice at the outermost level."""
    found, depth = [""], 0
    pieces = _PIECE.findall(pattern)
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth == 0 and piece == "|":
            return ""
        if depth == 0 and (piece[0].isalnum() or piece[0] in " '-_"):
            found.append(piece[:-1] if following[:1] in {"?", "*", "{"} else piece)
    return max(found, key=len).lower()


@cache
def entries() -> tuple[Entry, ...]:
    """The lessons' answers, in the order of the files' names."""
    return tuple(
        Entry(
            pattern=row["match"],
            say=row["say"].strip(),
            needs=_needed(row["match"]),
            picture=row.get("picture", ""),
            system_pattern=row.get("system", ""),
        )
        for file in answer_files()
        for row in table(file).get("answer", ())
    )


@cache
def _entries_about(picture: str | None) -> tuple[tuple[str, Entry], ...]:
    """What each entry needs, and the entry, for a picture in sight: "" for none, None for a stranger, about which
    there are none."""
    return tuple((entry.needs, entry) for entry in entries() if entry.picture == picture)


def _lesson(conversation: Conversation) -> str | None:
    if conversation.sounds or len(conversation.pictures) > 1:
        return None
    picture = conversation.pictures[0].name if conversation.pictures else ""
    lowered = conversation.meaning.lower()
    for needs, entry in _entries_about(picture):
        if needs not in lowered:
            continue
        if entry.system_pattern and not entry.system.search(conversation.system):
            continue
        if entry.match.search(conversation.meaning):
            return entry.say
    return None


def _see(conversation: Conversation) -> str | None:
    if not conversation.pictures:
        return None
    if len(conversation.pictures) == 1:
        return escape(_seen(conversation.pictures[0], conversation.meaning))
    lines = [f"Picture {n}: {_seen(seen, conversation.meaning)}" for n, seen in enumerate(conversation.pictures, 1)]
    return escape(f"You sent {len(lines)} pictures.\n" + "\n".join(lines))


def _seen(picture: Seen, wish: str) -> str:
    """What a picture shows: the lessons' own are known by content, any other is measured."""
    if picture.name is None:
        return pictures.describe(picture.data)
    known = pictures.known_pictures()[picture.name]
    if re.search(r"\b(conclu|finding|trend|outlier|stands? out|peculiar)", wish, re.IGNORECASE):
        return known.get("conclusion", known["shows"])
    return known["shows"]


def _hear(conversation: Conversation) -> str | None:
    if not conversation.sounds:
        return None
    return escape("\n".join(_heard(data, conversation.meaning.lower()) for data in conversation.sounds))


def _heard(data: bytes, wish: str) -> str:
    name = sounds.recognise(data)
    if name is None:
        return (
            f"{sounds.describe(data)} The mock does not recognise speech: it knows the lessons' own clips by their "
            "sound, and this is none of them."
        )
    clip = sounds.clip(name)
    if re.search(r"\bhow long\b|\bduration\b", wish):
        return sounds.describe(data)
    if re.search(r"\b(?:what|which) language\b", wish):
        return next(language.capitalize() for language, code in LANGUAGES.items() if code == clip["language"]) + "."
    if "translat" in wish:
        code = next((code for language, code in LANGUAGES.items() if language in wish), None)
        if code and code in clip:
            return clip[code]
        if code != "en":
            known = ", ".join(language.capitalize() for language, code in LANGUAGES.items() if code in clip)
            return f"The clip says: “{clip['transcript']}” The mock can translate it into {known}."
    return clip["transcript"]


_NOTHING_ASKED = (
    "{This is the mock of the Azure AI Model Inference API.|You are talking to the mock of the Azure AI Model "
    "Inference API.} Your request holds no user message with text, so there is nothing to answer."
)
_ASKED = (
    "{This is the mock of the Azure AI Model Inference API, not a language model|You are talking to the mock of "
    "the Azure AI Model Inference API and not to a language model}, so it {has no knowledge of its own|knows "
    f"nothing by itself}} to answer with. {{You asked|Your question was}}: “{_BLANK}” "
)
_MEANT = f"{{After what you asked before, I take it to mean|In the light of the turn before, that means}}: “{_BLANK}” "
_REAL = (
    "{Everything around the words is real|All but the words is real}: the tokens are counted, the parameters act, "
    "and the request and its answer have the form of the API. {For a model's own answer|For the answer of a real "
    "model}, point the same code at a deployment of yours."
)


def _reflect(conversation: Conversation) -> tuple[str, tuple[str, ...]]:
    """The honest answer to everything else: full, useful, and in the light of the conversation.

    Given as markup with blanks and what fills them, since the markup is always the same.
    """
    question = _shortened(conversation.question)
    if not question:
        return _NOTHING_ASKED, ()
    meaning = question if conversation.meaning == conversation.question else _shortened(conversation.meaning)
    if meaning == question:
        return f"{_ASKED}{_REAL}", (question,)
    return f"{_ASKED}{_MEANT}{_REAL}", (question, meaning)


def _shortened(text: str, limit: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"


# --- the manner of an answer ------------------------------------------------------------------------------------------

_NUMBER_NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SMALL_NUMBERS = {"a": 1, "single": 1} | {name: number for number, name in enumerate(_NUMBER_NAMES, 1)}
_OPENING = re.compile(r"(?:there|it|this|that|they|is|are|was|were)$", re.IGNORECASE)  # left out of a telegram
_LEANING = re.compile(
    r"(?:there|it|is|are|was|were|the|an?|of|in|on|at|to|for|from|by|with|and|or|but|because|which|that|who|about|"
    r"around|roughly|than|as|while|its|their)$",
    re.IGNORECASE,
)  # a word that cannot stand last


def _upper(markup: str, match: re.Match[str]) -> str:
    return markup.upper()


def _lower(markup: str, match: re.Match[str]) -> str:
    return markup.lower()


def _sentences(markup: str, match: re.Match[str]) -> str:
    named = match.groupdict().get("count") or "one"
    count = _SMALL_NUMBERS.get(named.lower(), 0) or int(named)
    ends = _sentence_ends(markup)
    return markup[: ends[count - 1]] if len(ends) >= count > 0 else markup


def _sentence_ends(markup: str) -> list[int]:
    return [
        m.end()
        for m in re.finditer(r"[.!?]”?(?=\s|$)", markup)
        if markup.count("{", 0, m.end()) == markup.count("}", 0, m.end())
    ]


def _so_many_words(markup: str, match: re.Match[str]) -> str:
    """Whole sentences as far as they fit, else so many words of the first one, from where they say something."""
    count = _SMALL_NUMBERS.get(match["count"].lower(), 0) or int(match["count"])
    if len(parse_markup(markup).plain().split()) <= count:
        return markup
    fitting = [end for end in _sentence_ends(markup) if len(parse_markup(markup[:end]).plain().split()) <= count]
    if fitting:
        return markup[: fitting[-1]]
    words = parse_markup(markup).plain().split()
    return escape(_telegram(words, count).rstrip(",.;:!?") + ".")


def _telegram(words: list[str], count: int) -> str:
    for start in range(min(4, len(words) - count + 1)):
        chosen = words[start : start + count]
        if not _LEANING.match(chosen[-1]) and not (start and _OPENING.match(chosen[0])):
            text = " ".join(chosen)
            return text[:1].upper() + text[1:]
    return " ".join(words[:count])


def _ending(markup: str, match: re.Match[str]) -> str:
    return f"{markup} {escape(match['words'])}"


def _beginning(markup: str, match: re.Match[str]) -> str:
    return f"{escape(match['words'])} {markup}"


_NUMBER = rf"(?P<count>\d{{1,3}}|{'|'.join(_SMALL_NUMBERS)})"
_EACH_ANSWER = r"(?:each|every|all|your)(?: answers?| replies| reply| responses?)?"
_QUOTED = r"[\"“'](?P<words>[^\"”']{1,80})[\"”']"
STYLES: tuple[tuple[str, str, Callable[[str, re.Match[str]], str]], ...] = (
    ("sentence", rf"\bin (?:at most |exactly |no more than |only )?{_NUMBER} (?:short )?sentences?\b", _sentences),
    ("word", rf"\b(?:in |at most |no more than |with )+{_NUMBER} words?\b", _so_many_words),
    (
        "brief short concise terse",
        r"\b(?:be|answer|reply|keep it|stay) (?:very |as )?(?:brief|short|concise|terse)(?:ly)?\b",
        _sentences,
    ),
    ("capital upper", r"\b(?:in |only )?(?:capital letters|capitals|upper ?case)\b", _upper),
    ("lower", r"\blower ?case\b", _lower),
    (
        "with",
        rf"\b(?:begin|start) {_EACH_ANSWER} with {_QUOTED}",
        _beginning,
    ),
    (
        "with",
        rf"\bend {_EACH_ANSWER} with {_QUOTED}",
        _ending,
    ),
)
"""Words of which every match of a pattern holds one, the pattern, and what becomes of the answer's markup."""


@cache
def _styles() -> tuple[tuple[list[str], re.Pattern[str], Callable[[str, re.Match[str]], str]], ...]:
    return tuple((words.split(), re.compile(pattern, re.IGNORECASE), style) for words, pattern, style in STYLES)


# --- answers as JSON --------------------------------------------------------------------------------------------------

_KEY = re.compile(r"[\"']?([A-Za-z_][A-Za-z0-9_ ]{0,40})[\"']?\s*:")


def shape_wanted(text: str) -> dict[str, Any]:
    """A JSON schema of the object that an instruction shows: ``{ "answer": "response" }``, a JSON schema written out,
    or members without quotes as in ``{ answer: response }``. Without any of them an object with the member "answer"."""
    for brace in list(re.finditer(r"\{", text))[:20]:
        try:
            example, _ = json.JSONDecoder().raw_decode(text[brace.start() :])
        except (ValueError, RecursionError):
            continue
        if example:
            return example if isinstance(example.get("properties"), dict) else _shape(example)
    match = re.search(r"\{([^{}]*)\}", text)
    names = (match and _KEY.findall(match[1])) or ["answer"]
    return _shape(dict.fromkeys(names, ""))


def _shape(example: Any) -> dict[str, Any]:
    """A schema of values like the example; a text in an example stands for any plain value."""
    match example:
        case dict():
            members = {name: _shape(value) for name, value in example.items()}
            return {"type": "object", "properties": members, "required": list(members)}
        case list():
            return {"type": "array", "items": _shape(example[0]) if example else {}}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
    return {"type": ["number", "string"]}


def asks_for_json(conversation: Conversation) -> bool:
    """Whether the words of the request ask for JSON."""
    text = f"{conversation.system}\n{conversation.question}"
    return "json" in folded(text) and bool(re.search(r"\bJSON\b", text, re.IGNORECASE))


def fenced(value: Any) -> Text:
    """JSON as a model writes it that was only asked in words: inside a code fence, with a sentence before it."""
    body = json.dumps(value, ensure_ascii=False, indent=2)
    return Text((Choice(("Here is the JSON you asked for:", "Sure, here is the JSON:")), f"\n\n```json\n{body}\n```"))
