"""Summaries made of the text's own sentences: those whose words the text uses most, in the order of the text."""

from __future__ import annotations

import re
from collections import Counter

from ..reading.conversation import Conversation
from ..reading.facts import vocabulary
from ..writing.markup import escape
from .shared import COUNT, count_of, tasks

_SHORTEST = 12  # words; what is shorter needs no summary
_TITLE = 8  # words

_ASKED = re.compile(
    r"\b(?:summari[sz]e[sd]?|summari[sz]ing|summary|tl;?dr|shorten|condense|(?:key|main) (?:points?|takeaways|"
    r"ideas?))\b",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b(?:give|write|suggest|find|create|generate|propose)\b[\w ,]{0,40}\b(?:title|headline)\b", re.IGNORECASE
)
_SENTENCES = re.compile(
    rf"\b(?P<count>a single|an?|{COUNT}) (?:(?:short|brief|concise|simple) )*sentences?\b", re.IGNORECASE
)
_WORDS = re.compile(
    r"\b(?P<count>\d{1,3}|" + r"five|six|seven|eight|nine|ten|fifteen|twenty" + r")(?: |-)words?\b", re.IGNORECASE
)
_POINTS = re.compile(
    rf"\b(?:(?P<count>{COUNT}) )?(?:(?:short|brief|concise|key|main) )*(?:bullet ?points?|bullets|points|"
    rf"takeaways|ideas)\b",
    re.IGNORECASE,
)
_BEYOND = re.compile(
    r"\b(?:translate|french|german|spanish|italian|portuguese|json|rhyme|poem|haiku|emojis?|year[- ]old|child|"
    r"pirate|style|tone|"
    r"explain|why|compare|table|formal|humorous|tweet|and then)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?!\s|$)[^.!?\n]*)*(?:[.!?]+[\"”’)]*|\n|$)")
_ABBREVIATION = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|No|vs|etc|e\.g|i\.e|approx|[A-Z]))\.$")
_CONTENT = re.compile(r"[^\W\d_]{3,}")


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, each as it stands there."""
    found: list[str] = []
    joined = ""
    for match in _SENTENCE.finditer(text):
        joined = f"{joined} {match[0].strip()}".strip()
        if joined and not _ABBREVIATION.search(joined[-12:]):
            found.append(joined)
            joined = ""
    return [*found, joined] if joined else found


def summarise(conversation: Conversation) -> str | None:
    """A summary or a title in the length that is asked for; None for a text too short and for wishes beyond that."""
    for instruction, text in tasks(conversation):
        titled = _TITLED.search(instruction)
        if not (titled or _ASKED.search(instruction)) or _BEYOND.search(instruction):
            continue
        if not len(text.split()) >= _SHORTEST:
            continue
        sentences = sentences_of(text)
        if titled:
            return escape(title(sentences))
        if len(text) < len(instruction) or not sentences:
            continue
        return escape(_in_form(sentences, instruction))
    return None


def _in_form(sentences: list[str], instruction: str) -> str:
    points, words, count = (pattern.search(instruction) for pattern in (_POINTS, _WORDS, _SENTENCES))
    if words:
        return within(sentences, count_of(words["count"]))
    if points and (
        points["count"]
        or "bullet" in points[0].lower()
        or "takeaways" in points[0].lower()
        or "points" in points[0].lower()
    ):
        return "\n".join(f"- {sentence}" for sentence in best(sentences, count_of(points["count"] or "3")))
    number = 1 if len(sentences) <= 4 else 2 if len(sentences) <= 10 else 3
    if count:
        number = 1 if count["count"].lower() in {"a single", "a", "an"} else count_of(count["count"])
    return " ".join(best(sentences, number))


def best(sentences: list[str], count: int) -> list[str]:
    """The sentences that hold most of what the text is about, in its order."""
    common = vocabulary().common
    words = [[word for word in _CONTENT.findall(sentence.lower()) if word not in common] for sentence in sentences]
    often = Counter(word for row in words for word in set(row))

    def weight(place: int) -> float:
        row = words[place]
        return sum(often[word] for word in set(row)) / (len(row) + 3) ** 0.6 * (1.3 if place == 0 else 1.0)

    chosen = sorted(range(len(sentences)), key=lambda place: (-weight(place), place))[: max(count, 1)]
    return [sentences[place] for place in sorted(chosen)]


def within(sentences: list[str], limit: int) -> str:
    """Whole sentences of at most so many words, or the beginning of the best one with an ellipsis."""
    order = best(sentences, 1) + best(sentences, len(sentences))
    fitting = next((sentence for sentence in order if len(sentence.split()) <= limit), "")
    if fitting:
        return fitting
    words = order[0].split()[: max(limit, 1)]
    return " ".join(words).rstrip(",;:") + "…"


def title(sentences: list[str]) -> str:
    """The beginning of the best sentence, without its article and cut where a clause ends."""
    sentence = best(sentences, 1)[0].strip('"“”').rstrip(".!?")
    clause = re.split(r"[,;:–—]\s|\s\(|\s(?:because|which|that|while|although|when|after|before|so)\s", sentence)[0]
    words = re.sub(r"^(?:the|an?)\s", "", clause, flags=re.IGNORECASE).split()[:_TITLE]
    while len(words) > 2 and words[-1].lower() in vocabulary().common:
        words.pop()
    text = " ".join(words)
    return text[:1].upper() + text[1:]
