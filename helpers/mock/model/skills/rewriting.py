"""Texts rewritten letter by letter or word by word: case, order, spelling, counts; and texts repeated as they are."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..reading.conversation import Conversation
from ..writing.markup import escape
from .shared import listed, tasks, wants_only

_SAY = re.compile(
    r"^\s*(?:please )?(?:say|repeat|echo|write)(?: exactly| after me| this| the words?)?\s*:\s*(?P<text>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_HEAD = 300  # characters at the ends of a turn in which an instruction stands
# Without one of these there is nothing to rewrite: looked for first, since the patterns below take longer.
_HINTS = (
    "case", "caps", "capital", "revers", "invert", "backward", "sort", "order", "arrange", "rank", "alphab",
    "duplicate", "spell", "palindrome", "letter", "words", "characters", "vowel", "consonant", "times does", "'s", "’s",
)  # fmt: skip
_OPENING = r"^\W*(?:(?:please|can you|could you)[\s,]+)*"
_TEXT = (
    r"(?:the |this |these |following |my |given )*(?:text|sentence|word|words|string|phrase|list|numbers|"
    r"names|items|letters|characters)?(?: of the (?:word|string|text|sentence))?"
)
_CHANGE = (
    rf"(?:(?:convert|change|turn|put|make|write|transform|rewrite|print|"
    rf"set)\s+{_TEXT}\s*(?:below\s*)?(?:in(?:to)?|to|as)?\s*(?:all )?"
)


def rewrite(conversation: Conversation) -> str | None:
    """The text that is given, rewritten, counted or repeated as asked."""
    if said := _SAY.match(conversation.question):
        return escape(said["text"].strip())
    question = conversation.question.strip()
    lowered = f"{question[:_HEAD]} {question[-_HEAD:]} {conversation.system[:_HEAD]}".lower()
    if not any(map(lowered.__contains__, _HINTS)):
        return None
    if len(question) <= _HEAD:
        for pattern, work in _ASKED_AT_ONCE:
            if (match := pattern.match(question)) and (answer := work(match)) is not None:
                return answer
    for instruction, text in tasks(conversation):
        if len(instruction) > 200:
            continue
        for pattern, change in _CHANGES:
            if (match := pattern.match(instruction)) and (answer := change(text, match, conversation)) is not None:
                return escape(answer)
    return None


# --- an instruction and a text ----------------------------------------------------------------------------------------


def _upper(text: str, match: re.Match[str], conversation: Conversation) -> str:
    return text.upper()


def _lower(text: str, match: re.Match[str], conversation: Conversation) -> str:
    return text.lower()


_MINOR = frozenset([
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "nor", "of", "on", "or", "the", "to", "with",
])  # fmt: skip


def _title(text: str, match: re.Match[str], conversation: Conversation) -> str:
    words = text.split()
    return " ".join(
        word.lower() if place and word.lower() in _MINOR else word[:1].upper() + word[1:].lower()
        for place, word in enumerate(words)
    )


def _reverse(text: str, match: re.Match[str], conversation: Conversation) -> str:
    if re.search(r"\bwords\b|\border of\b|\blist\b|\bitems\b", match[0], re.IGNORECASE):
        parts = _parts(text)
        return ", ".join(parts[::-1]) if len(parts) > 1 else " ".join(text.split()[::-1])
    return text[::-1]


def _sort(text: str, match: re.Match[str], conversation: Conversation) -> str | None:
    parts = _parts(text) if len(_parts(text)) > 1 else text.split()
    wish = match[0].lower()
    down = bool(re.search(r"descending|reverse|largest (?:to|first)|highest|z to a|z-a", wish))
    if len(parts) < 2 or re.search(r"length|date|price|popularity|size|importance|by ", wish):
        return None
    numbers = [part.replace(",", "") for part in parts]
    if all(re.fullmatch(r"-?\d{1,30}(?:\.\d{1,30})?", number) for number in numbers):
        order = sorted(zip(numbers, parts, strict=True), key=lambda pair: _exactly(pair[0]), reverse=down)
        return listed([part for _, part in order], wish, "commas")
    if re.search(r"numeric|\bnumbers\b", wish):
        return None
    return listed(sorted(parts, key=str.casefold, reverse=down), wish, "commas")


def _exactly(number: str) -> tuple[int, int]:
    """A decimal numeral as something to sort by, without rounding."""
    whole, _, decimals = number.lstrip("-").partition(".")
    value = int(whole + decimals.ljust(30, "0"))
    return (-value if number.startswith("-") else value), 0


_BETWEEN = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+")


def _parts(text: str) -> list[str]:
    text = text.strip().rstrip(".")
    parts = text.split("\n") if "\n" in text else _BETWEEN.split(text.strip("[]"))
    return [part for part in (re.sub(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+", "", part).strip() for part in parts) if part]


def _unique(text: str, match: re.Match[str], conversation: Conversation) -> str | None:
    parts = _parts(text)
    return listed(list(dict.fromkeys(parts)), match[0], "commas") if len(parts) > 1 else None


_VOWELS = frozenset("aeiou")


def _amount(text: str, match: re.Match[str], conversation: Conversation) -> str | None:
    what = match["what"].lower()
    number = counted(what, text)
    if wants_only(conversation):
        return str(number)
    noun = what if number != 1 else what.removesuffix("s")
    return f"The text has {number:,} {noun}."


def counted(what: str, text: str) -> int:
    """How many words, letters, characters, vowels or consonants a text has; y counts as a consonant."""
    match what.removesuffix("s"):
        case "word":
            return len(text.split())
        case "character":
            return len(text)
        case "letter":
            return sum(char.isalpha() for char in text)
        case "vowel":
            return sum(char in _VOWELS for char in text.lower())
    return sum(char.isalpha() and char not in _VOWELS for char in text.lower())


_WHAT = r"(?P<what>words?|letters?|characters?|vowels?|consonants?)"
_CHANGES: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str], Conversation], str | None]], ...] = tuple(
    (re.compile(_OPENING + pattern + r"[\s.:?!]*$", re.IGNORECASE), change)
    for pattern, change in (
        (rf"{_CHANGE}(?:upper[- ]?case|capital letters|(?:all )?caps|capitals)|(?:upper[- ]?case)(?: {_TEXT})?|"
         rf"capitali[sz]e (?:all|every)(?: the)? letters?(?: (?:in|of) {_TEXT})?)", _upper),
        (rf"{_CHANGE}(?:lower[- ]?case|small letters)|(?:lower[- ]?case)(?: {_TEXT})?)", _lower),
        (rf"{_CHANGE}(?:title[- ]?case)|title[- ]?case(?: {_TEXT})?|capitali[sz]e (?:each|every|the first "
         rf"letter of (?:each|every)) word(?: (?:in|of) {_TEXT})?)", _title),
        (rf"(?:(?:reverse|invert) (?:the order of )?{_TEXT}|(?:write|spell|say|print) {_TEXT} (?:backwards?|in "
         rf"reverse))", _reverse),
        (rf"(?:sort|order|arrange|alphabeti[sz]e|put|rank)\s*{_TEXT}(?: from)?(?: (?:in |into |from "
         rf")?(?:alphabetical(?:ly)?|ascending|descending|reverse|reverse alphabetical|numerical(?:ly)?|"
         rf"increasing|a to z|a-z|z to a|z-a|smallest to largest|largest to smallest|lowest to highest|highest "
         rf"to lowest)?(?: order)?)?(?:,? (?:comma[- ]separated|one per line|as a (?:numbered |bulleted "
         rf")?list))?", _sort),
        (rf"(?:remove|delete|drop)(?: the| all| any)? duplicates?(?: (?:words|items|entries))?(?: (?:from|in) "
         rf"{_TEXT})?", _unique),
        (rf"how many {_WHAT} (?:are |does |do )?(?:there )?(?:in |has )?{_TEXT}(?: have| contain| below)?", _amount),
        (rf"count (?:the )?(?:number of )?{_WHAT} (?:in|of) {_TEXT}", _amount),
    )
)  # fmt: skip


# --- a question about a word ------------------------------------------------------------------------------------------

_WORD = r"(?:the |an? )?(?:word |name |string )?[\"“'‘]?(?P<word>[^\W_]{1,60})[\"”'’]?"


def _letter(match: re.Match[str]) -> str:
    letter, word = match["letter"].lower(), match["word"]
    number = word.lower().count(letter)
    times = {0: "no", 1: "one"}.get(number, str(number))
    return escape(f"The word “{word}” has {times} {letter}{'' if number == 1 else '’s'}.")


def _size(match: re.Match[str]) -> str:
    number = counted(match["what"].lower(), match["word"])
    noun = match["what"].lower().removesuffix("s") + ("" if number == 1 else "s")
    return escape(f"The word “{match['word']}” has {number} {noun}.")


def _spelled(match: re.Match[str]) -> str | None:
    return escape("-".join(match["word"].upper())) if len(match["word"]) > 1 else None


def _backwards(match: re.Match[str]) -> str:
    return escape(match["word"][::-1])


def _palindrome(match: re.Match[str]) -> str:
    word = match["word"].lower()
    return escape(f"{'Yes' if word == word[::-1] else 'No'}, backwards it reads “{word[::-1]}”.")


def _end_letter(match: re.Match[str]) -> str:
    letter = match["word"][0] if match["which"].lower() == "first" else match["word"][-1]
    return escape(f"The {match['which'].lower()} letter is {letter.upper()}.")


def _to_upper(match: re.Match[str]) -> str:
    return escape(match["word"].upper())


def _to_lower(match: re.Match[str]) -> str:
    return escape(match["word"].lower())


_CASED = r"[\"“'‘](?P<word>[^\"”'’\n]{1,200})[\"”'’]"
_ASKED_AT_ONCE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = tuple(
    (re.compile(_OPENING + pattern + r"[\s.?!]*$", re.IGNORECASE), work)
    for pattern, work in (
        (rf"how many (?:times does (?:the )?(?:letter )?)?[\"“'‘]?(?P<letter>[a-z])[\"”'’]?(?:['’]?s)?(?: "
         rf"appear| occur)?(?: are| is)?(?: there)? in {_WORD}", _letter),
        (r"how many (?P<what>letters?|characters?|vowels?|consonants?) (?:are |is )?(?:there )?in (?:the "
         r"(?:word|name)) [\"“'‘]?(?P<word>[^\W_]{1,60})[\"”'’]?", _size),
        (r"how many (?P<what>letters?|vowels?|consonants?) does (?:the (?:word|name)) "
         r"[\"“'‘]?(?P<word>[^\W_]{1,60})[\"”'’]? have", _size),
        (r"(?:how do you )?spell(?: out)? (?:the word )[\"“'‘]?(?P<word>[^\W_]{2,60})[\"”'’]?(?: letter by "
         r"letter)?", _spelled),
        (r"(?:reverse (?:the (?:word|string) )[\"“'‘]?(?P<word>[^\W_]{1,60})[\"”'’]?)", _backwards),
        (
            r"(?:write|spell|say|print) (?:the (?:word|name) )[\"“'‘]?(?P<word>[^\W_]{1,60})[\"”'’]? "
            r"(?:backwards?|in reverse)",
            _backwards,
        ),
        (rf"is {_WORD} a palindrome", _palindrome),
        (r"what(?:['’]?s| is) the (?P<which>first|last) letter (?:of|in) (?:the word "
         r")[\"“'‘]?(?P<word>[^\W\d_]{1,60})[\"”'’]?", _end_letter),
        (rf"(?:convert|change|turn|put|write|make|print) {_CASED} (?:(?:in)?to |in )?(?:all )?(?:upper[- ]?case|"
         rf"capital letters|capitals)", _to_upper),
        (rf"(?:convert|change|turn|put|write|make|print) {_CASED} (?:(?:in)?to |in )?(?:all )?(?:lower[- "
         rf"]?case)", _to_lower),
    )
)  # fmt: skip
