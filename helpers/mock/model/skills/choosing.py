"""One of several: a label, a name, an answer, a score. The one that shares most with the text, else the first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..ending import ending
from ..reading.conversation import READ, Conversation
from ..reading.likeness import is_label, likest
from ..writing.markup import escape

_MOST = 24  # options
_HEAD = 160  # in which an instruction stands that offers no labels
_LONGEST = 60  # characters of an option

# No word of an option joins two: each row is read in one way, however long it is.
_NO_JOINT = r"(?!(?:or|and|vs)\b)"
_OPTION = rf"[\"'“`]?{_NO_JOINT}[A-Za-z][\w-]*+(?: {_NO_JOINT}[\w-]++){{0,6}}?[\"'”`]?"
_JOINT = r"(?:\s*[,/|;]\s*(?:(?:or|and) )?|\s+(?:or|and|vs\.?)\s+)"
_ONE = r"(?:name|label|letter|option|word|role|number|category|one)"
_QUOTED = r"[\"'“`][\w -]{1,40}[\"'”`]"
_ROW = rf"(?P<row>{_OPTION}(?:{_JOINT}{_OPTION}){{1,{_MOST}}})"
_END = r"(?=\s*(?:[.:)\]?!\n]|$|based on|as\b|to\b|and (?:answer|reply|respond|return|explain)))"
_KINDS = (
    r"(?:labels?|categor(?:y|ies)|class(?:es)?|topics?|options?|choices?|tags?|intents?|sentiments?|values?|words?)"
)
_VERBS = r"(?:answer|respond|reply|say|return|output|choose|select|pick|classify|categori[sz]e|label)"
# A row of options, where one of them is asked for.
_ROWS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<row>{_QUOTED}(?:{_JOINT}{_QUOTED})+)",
        rf"\b{_KINDS}\s*(?:(?:are|is)\s*)?[:=(]\s*(?:\[\s*)?{_ROW}{_END}",
        rf"\b(?:one of|either|into|between|from|as(?: either| being| one of)?|whether it is|is (?:it|this))\s*:?\s+"
        rf"(?:the following |these )?(?:\w+ )?{_KINDS}?(?:\s*:)?\s*\(?{_ROW}{_END}",
        r"\bis (?:the |this |the following )?(?:\w+ ){0,3}?(?:sentiment|review|text|sentence|message|e-?mail|"
        rf"comment|tweet|feedback)(?: is)? (?:either )?{_ROW}{_END}",
        rf"\((?:{_OPTION}: )?{_ROW}\)",
        rf"\bwhether\b[^.:\n]{{0,60}}? is (?:either )?{_ROW}{_END}",
        rf"\b{_VERBS}(?: me| it)?(?: with)?(?: only| just| exactly| either| one of| one)*:?\s+"
        rf"(?P<row>{_OPTION}(?:(?:, {_OPTION})*,? or |/| ?\| ?){_OPTION}){_END}",
    )
)
# The same under any name, "Departments: sales, service", where one of that name is asked for: "one department".
_NAMED_ROW = re.compile(
    rf"\b(?P<name>[a-z]{{3,}}?)(?:s|es| names?)\s*(?:are|:|=)\s*(?:\[\s*)?{_ROW}{_END}", re.IGNORECASE
)
_CONTRAST = re.compile(r"not (?:an?|the|just|only)\b", re.IGNORECASE)  # "the whole text, not a summary"
_BRACKETED = re.compile(r"\[\s*(?P<row>[^\[\]\n]{1,600})\]")
_CHOICE = re.compile(
    r"\b(?:choose|select|pick|classif\w+|categori[sz]e|categor(?:y|ies)|label|sentiment|topic|intent|class|decide|route|"
    r"which (?:one |of )|one of|either|whether|yes or no|yes/no|true or false|next (?:speaker|role|agent|worker)|"
    r"(?:act|speak|play|respond) next|"
    rf"(?:only|just|exactly)\b[^.\n]{{0,30}}\b{_ONE}|{_ONE} (?:only|alone)|(?:posi|nega)tive or (?:posi|nega)tive|"
    r"(?:return|respond|answer|reply|output)[^.\n]{0,12} (?:only|just))\b",
    re.IGNORECASE,
)
_LINES = re.compile(
    r"^[ \t]{0,12}(?:(?P<mark>[A-Z](?=[.):])|\(?\d{1,2}(?=[.)]))[.):]+|[-*•])?[ \t]{0,4}(?P<option>[^\n:–]{1,60}?)"
    r"(?:[ \t]{0,4}(?::|[–-] )(?P<told>[^\n]*))?$",
    re.MULTILINE,
)
_BY_MARK = re.compile(r"\b(?:letter|number|index|digit|[A-D], [B-E])\b")
_ANNOUNCED = re.compile(
    rf"(?:{_KINDS}|roles|agents|candidates|experts|speakers|following|one of|these)\b[^\n]{{0,80}}[:.?][ \t]*\n+"
    r"(?P<lines>(?:.+\n?)+)|:[ \t]*\n+(?P<items>(?:[ \t]*(?:[-*•]|\(?\w{1,2}[.):]+)[ \t]+.+\n?){2,})",
    re.IGNORECASE,
)
_NAME = r"^[^\w\n]{0,12}(\w[\w -]{0,39}?)[^\w\n]{0,8}:"
_DESCRIBED = re.compile(rf"{_NAME}[ \t]*(.+)$", re.MULTILINE)
_EACH = re.compile(r"\beach\b|\bevery\b|\ball (?:of )?the\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^[ \t]*(\d{1,3}[.)])[ \t]+(\S.*)$", re.MULTILINE)
_SENTENCE = re.compile(r"[.?!:]\s+")
_LISTED = re.compile(r"^\W*(?:[A-Z\d]{1,2}[.):]+)?\W*")
_SPEAKER = re.compile(_NAME, re.MULTILINE)
_SCORE = re.compile(
    r"\b(?:score|rate|rating|grade|mark|scale|rank|number|integer)\b[^.\n]{0,80}?(?P<low>-?\d+(?:\.\d+)?)\s*"
    r"(?:to|and|through|[-–/])\s*(?P<high>\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_SCORING = re.compile(r"\b(?:score|rate|grade|rating|judge|evaluate|assess)\b", re.IGNORECASE)


# What is to be judged has nothing behind its label: "Response:", and the next label follows.
_NOTHING = re.compile(
    r"^[ \t#]*(?:(?:generated|given|submitted|actual|model|student) )?"
    r"(?:information|response|answer|output|submission|prediction|claim|statement):?[ \t]*\n+"
    r"(?=[ \t]*(?:#|[A-Z][a-z ]{0,30}:(?!\S)))",
    re.IGNORECASE | re.MULTILINE,
)
_REASONS = r"\b(?:reason\w*|explanation|justification|feedback)\b"
_APART = r"\b(?:separate|next|new|second|following) line\b"
_REASONED = re.compile(rf"{_APART}[^.\n]{{0,40}}{_REASONS}|{_REASONS}[^.\n]{{0,40}}{_APART}", re.IGNORECASE)


def choose(ever: frozenset[str], conversation: Conversation) -> str | None:
    """One of the options that the request offers, as it is spelled there; None where it offers none.

    `ever` is what a lookout tells of the system text and of all that was asked.
    """
    if label := _by_example(conversation):
        return escape(label)
    whole = f"{conversation.system[:READ]}\n\n{conversation.question}"
    if not (_CHOICE.search(whole) or _SCORING.search(whole)):
        return None
    if options := offered(whole):
        done = ending(ever, conversation) if _spoke(options, conversation) else None
        text = _beside(options, conversation.question)
        numbered = _NUMBERED.findall(text) if _EACH.search(whole) else []
        if len(numbered) > 1:
            return escape("\n".join(f"{number} {likest(options, each)}" for number, each in numbered))
        refused = next((one for one in options if one.lower() == "no" and _NOTHING.search(conversation.question)), "")
        return escape(done or refused or _chosen(options, text))
    if (score := _SCORE.search(whole)) and _SCORING.search(whole):
        nothing = _NOTHING.search(conversation.question)
        why = "There is no answer to judge." if nothing else "The answer says what was asked for."
        return score["low" if nothing else "high"] + (f"\n{why}" if _REASONED.search(whole) else "")
    return None


def _chosen(options: Mapping[str, str], text: str) -> str:
    """The option that the text speaks for most, but not the one who spoke last in it."""
    spoke = [name for name in _SPEAKER.findall(text) if name in options]
    rest = {option: told for option, told in options.items() if not spoke or option != spoke[-1]}
    return likest(rest or options, text)


def _beside(options: Mapping[str, str], text: str) -> str:
    """A text without what says which options there are: lines that list or describe one, and rows of all of them."""
    told = {*options, *filter(None, options.values())}
    lines: list[str] = []
    for line in text.splitlines():
        described = _DESCRIBED.match(line)
        if _LISTED.sub("", line).strip() in told or (described and options.get(described[1]) == described[2].strip()):
            continue
        named = [re.search(rf"(?<!\w){re.escape(option)}(?!\w)", line) for option in options]
        if all(named):
            start, end = min(one.start() for one in named if one), max(one.end() for one in named if one)
            start = max((sentence.end() for sentence in _SENTENCE.finditer(line, 0, start)), default=0)
            line = f"{line[:start]} {line[end:]}"
        lines.append(line)
    return "\n".join(lines)


def _spoke(options: Mapping[str, str], conversation: Conversation) -> bool:
    """Whether one of the options has had its turn."""
    turns = conversation.messages
    asked = next((place for place, turn in enumerate(turns) if turn.role == "user"), len(turns))
    return any(turn.role != "system" for turn in turns[asked + 1 :]) or any(
        name in options for name in _SPEAKER.findall(conversation.question)[1:]
    )


def offered(instruction: str) -> dict[str, str]:
    """The options that an instruction offers, each with what is said of it: "as positive, negative or neutral"."""
    found = next((rows for rows in _rows(instruction) if rows), [])
    described = {name.strip(): told.strip() for name, told in _DESCRIBED.findall(instruction)}
    if found:
        return {option: described.get(option, "") for option in found}
    listed = _ANNOUNCED.search(instruction)
    if listed and _CHOICE.search(instruction):
        lines = [line for line in _LINES.finditer(listed["lines"] or listed["items"]) if line["option"].strip()]
        if len(lines) > 1 and all(len(line["option"]) <= _LONGEST for line in lines):
            marks = all(line["mark"] for line in lines) and _BY_MARK.search(instruction)
            options = {line["option"].strip(" *`"): line for line in lines[:_MOST]}
            if marks:
                return {line["mark"].strip("("): option for option, line in options.items()}
            return {option: (line["told"] or "").strip() for option, line in options.items()}
    if re.search(r"\bsentiment\b", instruction[:_HEAD], re.IGNORECASE):
        return dict.fromkeys(("Positive", "Negative", "Neutral"), "")
    return {}


def _rows(instruction: str) -> Iterator[list[str]]:
    for sentence in re.split(r"(?<=[.?!])\s+|\n\s*\n", instruction):
        for bracketed in _BRACKETED.finditer(sentence):
            if _CHOICE.search(sentence) or bracketed["row"][0] in "\"'":
                yield _parted(bracketed["row"])
    for pattern in _ROWS:
        if match := pattern.search(instruction):
            yield _parted(match["row"])
    for match in _NAMED_ROW.finditer(instruction):
        if re.search(
            rf"\b(?:one|which|best|right|the) (?:\w+ ){{0,2}}{match['name']}(?:s|es)?\b(?! ?:)",
            instruction,
            re.IGNORECASE,
        ):
            yield _parted(match["row"])


def _parted(row: str) -> list[str]:
    """The options of a row, without quotes and articles; [] for what is no row of options."""
    parts = [re.sub(r"^(?:an?|the) ", "", part.strip(" \"'“”`")) for part in re.split(_JOINT, row)]
    short = all(0 < len(part) <= _LONGEST and len(part.split()) <= 3 for part in parts)
    contrasted = any(_CONTRAST.match(part) for part in parts)
    return list(dict.fromkeys(parts))[:_MOST] if short and len(set(parts)) > 1 and not contrasted else []


# --- by example -------------------------------------------------------------------------------------------------------

_PAIR = re.compile(r"^(?P<key>[A-Za-z][A-Za-z ]{1,20}):[ \t]*(?P<value>[^\n]*)$", re.MULTILINE)
_LABEL = re.compile(r"\W{0,2}\w[\w /-]{0,29}")


def _by_example(conversation: Conversation) -> str | None:
    """The label in the form of the examples: turns of the conversation, or lines of the message."""
    labels = [replied for _, replied in conversation.shown]
    labels, text = (labels if all(map(_LABEL.fullmatch, labels)) else []), conversation.question
    if len(labels) < 2 and conversation.question.count(":") >= 4:
        lines = [(match["key"].lower(), match["value"].strip()) for match in _PAIR.finditer(conversation.question)]
        if len(lines) >= 4 and not lines[-1][1] and lines[-2][0] != lines[-1][0]:
            labels, text = [value for name, value in lines[:-1] if name == lines[-1][0]], lines[-2][1]
    distinct = {re.sub(r"^\W+|\W+$", "", label): label for label in labels}
    shown = len(distinct) < len(labels) or all(map(is_label, distinct))
    if len(labels) < 2 or len(distinct) < 2 or not shown:
        return None
    return distinct[likest(dict.fromkeys(distinct, ""), _PAIR.sub(lambda pair: pair["value"], text))]
