"""What the words around it announce: what a request is about, what is to be written, which goods, which kind of thing.

"Search for flights to Oslo" is about "flights to Oslo"; "remind me to call Ana" tells "call Ana".
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import lru_cache

from .facts import Facts
from .slots import Slot
from .vocabulary import is_common, split_words, stem

# Where a request says what it is about, the first that fits.
_ABOUT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:search|look|google|browse|query)\b[^?.!]*?\b(?:for|up|about|regarding)\s+(?P<topic>[^?!]+)",
        r"\b(?:find|get|show|give|fetch|retrieve|any|latest|list|read)\b[^?.!]*?\b(?:about|on|regarding|concerning|of)\s+"
        r"(?P<topic>[^?!]+)",
        r"\b(?:say|says|know|state|tell (?:me|us))\s+(?:about|on|regarding)\s+(?P<topic>[^?!]+)",
        r"\b(?:image|picture|photo|drawing|illustration|logo|painting)\s+(?:of|showing|with|for)\s+(?P<topic>[^?!]+)",
        r"(?:\b(?:search|google|look up)|^\W*(?:\w+ ){0,3}?(?:show me|find(?: me)?|looking for|do you (?:have|sell)))"
        r"\s+(?:any\s+)?(?P<topic>[^?!]+)",
        r"\b(?:about|regarding|concerning|to discuss)\s+(?P<topic>[^?!]+)",
    )
)
_ABOUT_TAIL = re.compile(
    r"(?:,\s*(?:the\s+)?(?:top|max|limit|only|at most|\d|with|in|please|size)\b.*|"
    r"\s+(?:on (?:wikipedia|the (?:web|internet))|online|please|"
    r"for me|in (?:the|our|my) (?:documents?|docs|knowledge base|database))|[\s.,;]+)$",
    re.IGNORECASE,
)


def asked_about(text: str) -> str:
    """What a request for information is about, without the words that ask for it; "" for nothing."""
    for pattern in _ABOUT:
        if match := pattern.search(text):
            topic = _trimmed(match["topic"], _ABOUT_TAIL)
            topic = re.sub(r"^(?:the|a|an|our|my|information (?:about|on))\s+", "", topic.strip(), flags=re.IGNORECASE)
            if topic:
                return topic
    return ""


def _trimmed(text: str, tail: re.Pattern[str]) -> str:
    """A text without all that a pattern finds at its end."""
    before = ""
    while text != before:
        before, text = text, tail.sub("", text)
    return text


# Where a request gives the words to be written or remembered, the first that fits; else they stand behind a colon.
_TOLD = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"\b(?:remind (?:me|us|him|her|them|[A-Z]\w+)|reminder|remember)"
        r"(?:\s+(?:at|on|in|by|every|this|next|tomorrow|tonight)\b[^.,;]{0,30}?)?\s+(?:to|about|that|of|for)\s+(?P<told>.+)",
        r"\b(?:saying|says|to say|telling (?:him|her|them|you) that|"
        r"(?:with|and) the (?:text|message|body))\s*:?\s+(?P<told>.+)",
        r"\bhow (?:do|would) (?:you|i|we) say\s+(?P<told>.+?)\s+in\s+[A-Z]",
        r"\btranslate\s+(?P<told>(?!this|that|it\b|from|to|into).+?)\s+(?:from|to|into)\s+[A-Z]",
        r"(?:@[\w.-]+|\b(?:email|tell|inform|notify|message|let|text|ping)\s+#?[\w-]+(?:\s+know)?)\s+(?:that\s+|"
        r"(?=(?:i|we|he|she|it|they|there|the|my|our)\b))(?P<told>.+)",
    )
)
_ASKED = re.compile(r"\W*(?:can|could|would|will) you\b", re.IGNORECASE)
_AFTER_COLON = re.compile(r":\s+(?P<told>\S.*)", re.DOTALL)
_FULL_STOP = re.compile(r"[\s.]+$")
_TOLD_TAIL = re.compile(
    r"(?:,?\s*(?:and\s+)?(?:with\s+)?(?:the\s+)?subject\b.*|"
    r"\s+(?:today|tonight|tomorrow|(?:on|next|this) \w+day|(?:at|on|by) \d[\dT:.Z-]*\s*(?:[ap]m)?|"
    r"at noon|in \d+ (?:minutes?|hours?|days?))|[\s.]+)$",
    re.IGNORECASE | re.DOTALL,
)


def told_in(text: str, *, timed: bool = True) -> str:
    """What is to be written or remembered: after "saying", "remind me to", a colon; "" for nothing. Where it is
    `timed`, the time at its end is when to do so and no part of it."""
    for pattern in _TOLD:
        if (match := pattern.search(text)) and (told := _trimmed(match["told"], _TOLD_TAIL if timed else _FULL_STOP)):
            return told.strip('"“”').rstrip("?" if _ASKED.match(text) else "")
    match = _AFTER_COLON.search(text)
    return match["told"].strip().strip('"“”') if match else ""


_BEFORE = (
    r"(?i)(?:\b(?:the|my|our|your|a|an|in|at|for|from|to|this|that)\s+|^\W*|\block\s+|\bopen\s+)"
    r"((?:[^\W\d_][\w-]*\s+){{0,1}}[^\W\d_][\w-]*)\s+{}s?(?!\w)"
)


def modifiers_of(slot: Slot, text: str, topic: Set[str]) -> list[str]:
    """What stands before the slot's own word: "in the finance department", "the Berlin store"."""
    words = slot.own_words
    if not words:
        return []
    found: list[str] = []
    for match in _label(_BEFORE, words[-1:]).finditer(text):
        rest = match[1].split()
        while rest and (is_common(rest[0]) or stem(rest[0]) in topic):
            rest.pop(0)
        rest = [word.strip("\"'“”‘’") for word in rest]
        if rest and not any(is_common(word) or word[0].isdigit() or word == "other" for word in rest):
            found.append(" ".join(rest))
    return found


_LABELS = frozenset({"name", "id", "number", "no", "code"})  # words of a slot that a text leaves out: "class 7b"
_CAPITALS = r"[A-Z](?:[\w./-]*\w)?(?: [A-Z0-9][\w-]*)*"
_BESIDE = (
    rf"(?<!\w)(?i:{{}})(?:\s+(?i:called|named)\s+(?:[\"“`']([^\"”`'\n]+)[\"”`']|({_CAPITALS}|\w[\w./-]*\b))|"
    r"\s+(?:[\"“`]([^\"”`\n]+)[\"”`]|"
    rf"([A-Z]{{{{2,3}}}} \d{{{{1,4}}}}(?!\w)|{_CAPITALS}|(?:\w*\d|\w+[-_/.]\w)(?:[\w./-]*\w)?)))"
)
_PLAINLY = (  # "in the namespace staging"
    r"(?i)\b(?:in|from|of|on|to|for|the)\s+{}\s+(?!(?:and|or|is|are|was|that|which|with|for|in|on|to|at|of|from|by|name|id|number|code)\b)"
    r"([a-z][\w-]*)(?=[.,;?!]|$|\s(?:and|with|for|in|on|to)\b)"
)
_ANNOUNCED = (
    r"(?i)(?<!\w){}(?!\w)(?:(?!\bis\b)[^.?!:=\n]){{0,60}}?(?:\s+(?:is|are)\s+|\s*[:=]\s+|\s+(?=[\"“]))(?:called\s+)?"
    r"(?:\"([^\"\n]+)\"|([^\s.,;:!?\"][^.,;:!?\n\"]{{0,80}}))"
)


@lru_cache(maxsize=1_024)
def _label(pattern: str, words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(pattern.format("[ _-]?".join(map(re.escape, words)) or "(?!)"))


def labelled(slot: Slot, texts: Sequence[str]) -> list[str]:
    """What the slot's own words announce: right behind them ("class 7b", "a branch called docs/intro"), else behind
    "is", "are", ":", "=" or in quotation marks not far from them."""
    named = [word for word in slot.own_words if word not in _LABELS]
    named = named or split_words(slot.description.partition("ame of the ")[2])[:2]
    for pattern, words in ((_BESIDE, named), (_ANNOUNCED, slot.own_words), (_PLAINLY, named)):
        label = _label(pattern, tuple(words))
        found = (next(filter(None, match.groups())).strip() for text in texts for match in label.finditer(text))
        if values := [value for value in found if re.search(r"\w", value)]:  # "..." in a pattern to be filled is none
            return values
    return []


def residue(source: Facts, aside: Set[str]) -> str:
    """The longest run of words that are neither common nor, by their stems, set aside."""
    text = re.sub(r"\S+@\S+|https?://\S+|\"[^\"]*\"", ",", source.text)
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]", text):
        if not word[0].isalnum() or word.replace("-", "").isdigit() or is_common(word) or stem(word) in aside:
            runs.append([])
        else:
            runs[-1].append(word)
    return max(
        (" ".join(run) for run in reversed(runs)),
        # a member of a list is meant for the list rather than for this slot
        key=lambda run: (run not in source.items, not run.replace(" ", "").isdigit(), len(run.split())) if run else (),
    )
