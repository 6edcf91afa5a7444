"""What the mock says: a short list of plain skills, each one function in a table, and beyond them the honest answer.

A skill gets the conversation and returns an answer or None. Answers are written in a small markup:
``{about|around|roughly}`` is a place that can be worded in several ways, the most natural first (`generate.Choice`).
The lessons' questions are answered from `data/answers/*.toml`; to answer another question is to add an entry there.
Asked anything else, the mock says that it is the mock and reflects what it was asked: it never pretends.
"""

from __future__ import annotations

import ast
import json
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from . import pictures, sounds
from .data import answer_files, table
from .generate import Choice, Text
from .tokens import text_of

_READ = 4000  # characters of a turn that the skills look at
LANGUAGES = {"english": "en", "spanish": "es", "french": "fr", "german": "de", "italian": "it", "portuguese": "pt"}


class Seen(NamedTuple):
    """A picture in sight: the name under which the mock knows it (None: a stranger), and its bytes."""

    name: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a request says, as the skills read it.

    `question` is the text of the last user turn; `meaning` is the same with what it leaves out filled in from the
    turns before ("and in Asia?" -> "How many languages are in Asia?"). `pictures` and `sounds` are those that the
    model still has in context.
    """

    system: str
    question: str
    meaning: str
    asked: tuple[str, ...] = ()
    pictures: tuple[Seen, ...] = ()
    sounds: tuple[bytes, ...] = ()


def read(messages: Sequence[dict[str, Any]], images: Sequence[bytes] = (), clips: Sequence[bytes] = ()) -> Conversation:
    """Read a conversation in wire format."""
    system = "\n".join(filter(None, (text_of(m) for m in messages if m["role"] in ("system", "developer"))))
    asked = tuple(text_of(m)[:_READ] for m in messages if m["role"] == "user")
    meaning = ""
    for question in asked:
        meaning = resolve(question, meaning)
    return Conversation(
        system=system,
        question=asked[-1] if asked else "",
        meaning=meaning,
        asked=asked,
        pictures=tuple(Seen(pictures.recognise(data), data) for data in images),
        sounds=tuple(clips),
    )


class Said(NamedTuple):
    """An answer in words, and whether a skill knew it; else it is the honest answer to everything else."""

    text: Text
    known: bool


def answer(conversation: Conversation) -> Said:
    """The mock's answer in words, in the manner that the system text asks for."""
    known = next(filter(None, (skill(conversation) for _, skill in SKILLS)), None)
    markup = known or _reflect(conversation)
    for pattern, style in STYLES:
        match = re.search(pattern, conversation.system, re.IGNORECASE)
        if match:
            markup = style(markup, match)
    return Said(parse_markup(markup), known is not None)


def parse_markup(markup: str) -> Text:
    """``It is {about|around} noon.`` as a planned text."""
    parts: list[str | Choice] = []
    for index, piece in enumerate(re.split(r"\{([^{}|]*(?:\|[^{}|]*)+)\}", markup)):
        if index % 2:
            parts.append(Choice(tuple(_unescape(wording) for wording in piece.split("|"))))
        elif piece:
            parts.append(_unescape(piece))
    return Text(tuple(parts))


def escape(text: str) -> str:
    """Text from a request, safe inside markup."""
    return text.translate({ord("{"): "\x01", ord("}"): "\x02", ord("|"): "\x03"})


def _unescape(text: str) -> str:
    return text.translate({1: "{", 2: "}", 3: "|"})


# --- what a follow-up means -------------------------------------------------------------------------------------------

_LEAD = re.compile(r"^\s*(?:and|but|so|ok(?:ay)?|now|then|well)\b[\s,]*", re.IGNORECASE)
_COUNTED = re.compile(
    r"\bhow (?:many|much) (?P<noun>.+?)"
    r"\s+(?:is|are|was|were|do|does|did|can|could|have|has|live|exist|there|in|on|at)\b",
    re.IGNORECASE,
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
    counted = _COUNTED.search(before)
    if counted and re.match(
        r"how (?:many|much)\b(?:\s+of (?:them|these|those|it)\b|\s+(?:are|in|on|at|live)\b)", bare, re.I
    ):
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


# --- skills -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One lesson answer: `match` is searched in the question's meaning, `picture` names what must be in sight."""

    match: re.Pattern[str]
    say: str
    picture: str = ""
    system: re.Pattern[str] | None = None


@cache
def entries() -> tuple[Entry, ...]:
    """The lessons' answers, in the order of the files' names."""
    return tuple(
        Entry(
            match=re.compile(row["match"], re.IGNORECASE),
            say=row["say"].strip(),
            picture=row.get("picture", ""),
            system=re.compile(row["system"], re.IGNORECASE) if "system" in row else None,
        )
        for file in answer_files()
        for row in table(file).get("answer", ())
    )


def _lesson(conversation: Conversation) -> str | None:
    if conversation.sounds or len(conversation.pictures) > 1:
        return None
    picture = conversation.pictures[0].name if conversation.pictures else ""
    for entry in entries():
        if entry.picture != picture:
            continue
        if entry.system and not entry.system.search(conversation.system):
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


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}
_SUM = re.compile(r"(?<![\w.])[-(]*\d[\d\s.,+\-*/×÷()]*[+\-*/×÷][\d\s.,+\-*/×÷()]*\d\)*(?![\w])")
_WORDS_OF_SUMS = {" times ": " * ", " plus ": " + ", " minus ": " - ", " divided by ": " / ", "×": "*", "÷": "/"}


def _calculate(conversation: Conversation) -> str | None:
    text = conversation.question[:300]
    for word, sign in _WORDS_OF_SUMS.items():
        text = text.replace(word, sign)
    match = _SUM.search(text)
    if not match or len(match[0]) > 60 or not re.search(r"what|how much|calculate|compute|add|=|^\W*\d", text, re.I):
        return None
    expression = match[0].replace(",", "").strip()
    try:
        value = _value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError):
        return None
    shown = f"{value:,}" if isinstance(value, int) else f"{round(value, 6):,}".removesuffix(".0")
    return "{" + f"{expression} is {shown}.|{expression} = {shown}" + "}"


def _value(node: ast.AST) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left), _value(right))
        case ast.UnaryOp(op, operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand))
    raise ValueError("not a sum")


_TOLD = re.compile(r"\bmy (?P<what>[a-z][a-z ]{1,30}?) (?:is|are) (?P<value>[^.!?,;\n]{1,60})", re.IGNORECASE)
_WANTED = re.compile(
    r"\b(?:what(?:'s| is| are)|tell me|do you (?:know|remember)) my (?P<what>[a-z][a-z ]{1,30})", re.IGNORECASE
)


def _recall(conversation: Conversation) -> str | None:
    wanted = _WANTED.search(conversation.question)
    if wanted:
        what = wanted["what"].strip().lower()
        for text in reversed(conversation.asked[:-1]):
            for told in _TOLD.finditer(text):
                if told["what"].strip().lower() == what:
                    value = escape(told["value"].strip())
                    return f"{{You told me that your {what} is {value}.|Your {what} is {value}, as you told me.}}"
        return (
            f"{{You have not told me your {what} in this conversation.|In this conversation you have not said what "
            f"your {what} is.}} Only what stands in the messages of a request is known to the model."
        )
    told = _TOLD.search(conversation.question)
    if told and "?" not in conversation.question:
        return (
            f"{{Thank you|Thanks}}, I have noted that your {escape(told['what'])} is {escape(told['value'].strip())}."
        )
    return None


_COUNT = re.compile(r"\bcount (?:from )?(?:(\d{1,4}) )?(?:up )?to (\d{1,4})\b", re.IGNORECASE)


def _count(conversation: Conversation) -> str | None:
    match = _COUNT.search(conversation.question)
    if not match:
        return None
    first, last = int(match[1] or 1), int(match[2])
    step = 1 if last >= first else -1
    return ", ".join(str(number) for number in range(first, last + step, step)[:2000])


_SAY = re.compile(
    r"^\s*(?:please )?(?:say|repeat|echo|write)(?: exactly| after me| this| the words?)?\s*:\s*(?P<text>.+)$",
    re.I | re.S,
)


def _repeat(conversation: Conversation) -> str | None:
    match = _SAY.match(conversation.question)
    return escape(match["text"].strip()) if match else None


def _reflect(conversation: Conversation) -> str:
    """The honest answer to everything else: full, useful, and in the light of the conversation."""
    question = _shortened(conversation.question)
    if not question:
        return (
            "{This is the mock of the Azure AI Model Inference API.|You are talking to the mock of the Azure AI Model "
            "Inference API.} Your request holds no user message with text, so there is nothing to answer."
        )
    lines = [
        "{This is the mock of the Azure AI Model Inference API, not a language model|You are talking to the mock of "
        "the Azure AI Model Inference API and not to a language model}, so it {has no knowledge of its own|knows "
        f"nothing by itself}} to answer with. {{You asked|Your question was}}: “{escape(question)}”"
    ]
    if _shortened(conversation.meaning) != question:
        lines.append(
            f"{{After what you asked before, I take it to mean|In the light of the turn before, that means}}: "
            f"“{escape(_shortened(conversation.meaning))}”"
        )
    lines.append(
        "{Everything around the words is real|All but the words is real}: the tokens are counted, the parameters act, "
        "and the request and its answer have the form of the API. {For a model's own answer|For the answer of a real "
        "model}, point the same code at a deployment of yours."
    )
    return " ".join(lines)


def _shortened(text: str, limit: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"


SKILLS: tuple[tuple[str, Callable[[Conversation], str | None]], ...] = (
    ("answer a lesson's question", _lesson),
    ("describe a picture by what can be measured", _see),
    ("transcribe and translate the lessons' clips", _hear),
    ("repeat a text", _repeat),
    ("recall what the user told", _recall),
    ("calculate", _calculate),
    ("count", _count),
)


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
STYLES: tuple[tuple[str, Callable[[str, re.Match[str]], str]], ...] = (
    (rf"\bin (?:at most |exactly |no more than |only )?{_NUMBER} (?:short )?sentences?\b", _sentences),
    (rf"\b(?:in |at most |no more than |with )+{_NUMBER} words?\b", _so_many_words),
    (r"\b(?:be|answer|reply|keep it|stay) (?:very |as )?(?:brief|short|concise|terse)(?:ly)?\b", _sentences),
    (r"\b(?:in |only )?(?:capital letters|capitals|upper ?case)\b", _upper),
    (r"\blower ?case\b", _lower),
    (
        rf"\b(?:begin|start) {_EACH_ANSWER} with {_QUOTED}",
        _beginning,
    ),
    (
        rf"\bend {_EACH_ANSWER} with {_QUOTED}",
        _ending,
    ),
)


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
    return bool(re.search(r"\bJSON\b", f"{conversation.system}\n{conversation.question}", re.IGNORECASE))


def fenced(value: Any) -> Text:
    """JSON as a model writes it that was only asked in words: inside a code fence, with a sentence before it."""
    body = json.dumps(value, ensure_ascii=False, indent=2)
    return Text((Choice(("Here is the JSON you asked for:", "Sure, here is the JSON:")), f"\n\n```json\n{body}\n```"))
