"""Answers from what a request brings along, as programs send it that look things up before they ask.

Notes stand in the system text or in a user's turn: in tags, between fences or rules, one by one behind their marks,
after a word for them ("Context: …", "Answer with these notes."), or as a table. They are data: what a note tells the
model to do is not done. What they say goes before what the mock knows by itself, with the note's citation mark where it
has one; where the question is to be answered from them and they do not tell, that is the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from functools import partial
from typing import NamedTuple

from ..reading.calendar import MONTHS
from ..reading.conversation import READ, Conversation
from ..reading.lexicon import features
from ..reading.numbers import CARDINALS, COUNT_WORDS, read_number
from ..reading.vocabulary import stem, vocabulary, with_synonyms
from ..writing.markup import escape

_READ = 12_000  # characters of notes
_MOST = 3  # sentences in one answer
_NEAR, _AHEAD = 0.3, 0.1  # cosines: of a note that tells in other words, and how far ahead of the next
_ENOUGH = 0.5  # of the words of a question: its notes must have more

_NAMED = (
    r"(?:notes?|context|sources?|documents?|docs?|passages?|facts|excerpts?|snippets?|chunks?|knowledge base|faq|"
    r"handbook|manual|table|search results|"
    r"(?<=these |those )(?:texts|articles)|(?<=this )(?:text|article|information|data)|"
    r"(?<=following )(?:text|articles?|information|data)|(?<=provided )(?:texts?|articles?|information))"
)
_TAG = re.compile(rf"<(?P<what>{_NAMED})\b[^>\n]{{0,200}}>", re.IGNORECASE)
_FENCE = re.compile(
    rf"\b(?P<what>{_NAMED})\b[^\n]{{0,80}}\n*(?P<fence>```|\"\"\"|^(?P<rule>[-=#*~])(?P=rule){{2,}}[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADED = re.compile(rf"\b(?P<what>{_NAMED})\b[^\n.:]{{0,40}}:(?=\s)(?P<notes>.+)", re.IGNORECASE | re.DOTALL)
_ANNOUNCED = re.compile(rf"\b(?P<what>{_NAMED})\b[^\n.]{{0,60}}(?:\.\s|\n)(?P<notes>.+)", re.IGNORECASE | re.DOTALL)
_WHAT = re.compile(rf"\b{_NAMED}\b", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(?:answer|respond|reply|use|using|based|given|according|from|with|only|solely|nothing but)\b[^.\n]{0,60}"
    rf"\b{_NAMED}",
    re.IGNORECASE,
)
_ONLY = re.compile(
    rf"\b(?:only|solely|exclusively|nothing (?:but|else than))\b[^.\n]{{0,60}}\b{_NAMED}\b|"
    rf"\b{_NAMED}\b[^.\n]{{0,30}}\b(?:only|alone)\b|"
    r"\b(?:no|not|never|n['’]t)\b[^.\n]{0,30}\b(?:other|outside|prior|general|your own)\s+"
    r"(?:knowledge|information|sources?)",
    re.IGNORECASE,
)
_IF_NOT = re.compile(
    r"\b(?:if|when|where|otherwise|else)\b[^\n\"“]{0,120}\b(?:say|answer|reply|respond|write)\b[^\n\"“'‘.]{0,30}"
    r"(?:\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|['‘]([^\n]{1,200}?)['’](?!\w)|\b(I (?:do not|don['’]t) know))",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"\b(?:yes|true)\W{0,2}\s*(?:/|,|or)\s*\W?(?:no|false)\b", re.IGNORECASE)  # which is chosen
_BY_TITLE = re.compile(r"\b(?:title|name|file)", re.IGNORECASE)
_CITED = re.compile(
    r"\bcit(?:e|es|ing|ations?)\b|\breferenc|\bfootnote|\bname (?:the|its|your) source|\[\d\]", re.IGNORECASE
)
_QUESTION = re.compile(
    r"^[^\w\n]*(?:(?:user |original |user's )*(?:question|q|query)|the original query is as follows)\s*:[ \t]*\n?(.+)$",
    re.IGNORECASE | re.MULTILINE,
)
_SLOT = re.compile(
    r"^\W*(?:[\w ]{0,20}answer|response|assistant)\s*:?\W*$", re.IGNORECASE
)  # where the answer is to stand
_SUMMARY = re.compile(r"\bsummar(?:y|i[sz]e)\b|\bkey points?\b|\btl;?dr\b", re.IGNORECASE)
_SENTENCES = re.compile(rf"\b(\d|{COUNT_WORDS})\b[^.\n]{{0,20}}\b(?:sentences?|points|lines)\b", re.IGNORECASE)
_CLOSING = re.compile(r"[.:!?\n]")
_POINTING = re.compile(r"\b(?:this|these|following|above|below|it)\b", re.IGNORECASE)
_MARK = re.compile(
    r"^[ \t]*(?:(?P<bracket>\[[^\]\n]{1,40}\]):?|\(?(?P<number>\d{1,3})[.)](?=\s)|"
    r"(?:note|source|document|doc|passage|excerpt|snippet|chunk|fact|context)s? ?#?(?P<numbered>\d{1,3})"
    r"(?:[ \t]*[(:–—-][ \t]*(?P<called>[^\n:)]{1,80}))?[):]+|"
    r"(?P<file>[\w-]{1,60}\.[a-z]{2,4}):(?=\s)|"
    r"(?:#{1,4}[ \t]+|\*\*|title:[ \t]*)(?P<title>[^\n*]{1,80}?)(?:\*\*:?)?[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_ITEM = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,3}[.)])\s+")
_ITEMS = re.compile(r"^[ \t]*(?:[-*•–]|\(?\d{1,3}[.)])[ \t]+.+$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\b[MDS][rst]\.)(?<!\bMrs\.)(?<!\bNo\.)\s+(?=[A-Z0-9\"“\[])")
_ORDER = re.compile(  # to the model, not about the world
    r"\W*(?:please |always |never |do not |don['’]t )*(?:answer|cite|use|be|reply|respond|ignore|disregard|forget|say|"
    r"write|if (?:you|the|it|there|none|no)\b[^.]{0,200}\b(?:say|answer|reply|respond|write)|quote|keep)\b|"
    r".*\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:above|previous|prior|earlier|instructions?|rules|notes)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^(?:if (?:you|the|it|there|none|no)\b[^\n]*\b(?:say|answer|reply|respond|write)|"
    r"answer|cite|use|be|respond|reply)\b",
    re.IGNORECASE | re.MULTILINE,
)
_ASKED = re.compile(r"^[^\n]*\?[ \t]*(?:\n\W*[\w ]{0,30}:?\W*)?\Z", re.MULTILINE)  # a last line that asks
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_WORD = re.compile(r"[^\W_]+")
# What an answer must hold, by how the question is put.
_EXPECTED = (
    (
        re.compile(r"\b(?:when|what time|which day|how (?:long|much|many|old|far|often))\b", re.IGNORECASE),
        re.compile(
            r"\d|\b(?:noon|midnight|always|never|daily|weekly|monthly|every|free|no|none|once|twice|today|tomorrow|"
            rf"\w+days?|{'|'.join([*MONTHS, *CARDINALS])})\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"^\W*who\b", re.IGNORECASE),
        re.compile(r"(?<=[a-z,;:] )[A-Z][a-z]|\b(?:by|team|desk|reception|manager|staff|department|office)\b"),
    ),
)


class Note(NamedTuple):
    """A sentence or a row of the notes, its citation mark, the title or header that it stands under, and its cells."""

    text: str
    mark: str = ""
    title: str = ""
    cells: str = ""


class Given(NamedTuple):
    """Notes, what they are called, what is said beside them, and the question. They are `sure` where their form tells
    them from what is said beside them."""

    notes: Sequence[Note]
    name: str
    instructions: str
    question: str
    sure: bool


def answer_from_notes(given: Given) -> str | None:
    """What the notes tell, in markup; that they do not, where the answer is to come from them; else None."""
    if _SUMMARY.search(given.question or given.instructions):
        asked = _SENTENCES.search(f"{given.question}\n{given.instructions}")
        count = int(read_number(asked[1])) if asked else _MOST if given.sure else 1
        return escape(" ".join(_ended(note.text) for note in given.notes[:count]))
    wanted = _stems(given.question)
    if not wanted or _VERDICT.search(given.instructions):
        return None
    if told := _telling(given.notes, wanted, given.question) or _akin(given):
        return escape(" ".join(_cited(note, given.instructions) for note in told))
    bound = _ONLY.search(given.instructions) or (given.sure and _BOUND.search(given.instructions))
    if not bound or not _asks(given.question):
        return None
    if as_told := _IF_NOT.search(given.instructions):
        return escape(next(filter(None, as_told.groups())))
    verb = "do" if given.name.endswith("s") else "does"
    return f"{{The {given.name} {verb} not say that.|That is not in the {given.name}.}}"


# Where the notes are


def notes_given(conversation: Conversation) -> Given | None:
    """The notes of a conversation: of the last turn, of the system text, or of an earlier turn."""
    turn = conversation.question if len(conversation.question) < READ else ""
    system = "" if _SCORED.search(conversation.system) else conversation.system
    places = [turn if "\n" in turn or _SUMMARY.search(turn) else "", system, *reversed(conversation.asked[:-1])]
    for ways in (_SURE, _UNSURE):
        for place, text in enumerate(places):
            text = text[:_READ]
            own = (*ways, _listed) if place == 0 and ways is _SURE and _BOUND.search(conversation.system) else ways
            found = next((found for way in own if text and (found := way(text))), None)
            if found is None:
                continue
            start, end, name = found
            beside = f"{text[:start]}\n{text[end:]}"
            question = conversation.meaning if place else _question(beside)
            notes = [note for note in _parted(text[start:end]) if ways is _SURE or not _ORDER.match(note.text)]
            if notes and (question or _SUMMARY.search(beside)):
                instructions = f"{conversation.system}\n{beside}" if place == 0 else beside
                return Given(notes, name, instructions, question, sure=ways is _SURE)
    return None


_SCORED = re.compile(r"\bscore\b[^.\n]{0,60}\bbetween -?\d", re.IGNORECASE)  # what is given is judged, not read
_Extent = tuple[int, int, str]  # where notes start and end in a text, and what they are called


def _tagged(text: str) -> _Extent | None:
    for tag in _TAG.finditer(text):
        if (end := text.rfind(f"</{tag['what']}>", tag.end())) >= 0:
            return tag.start(), end, tag["what"].lower()
    return None


def _fenced(text: str) -> _Extent | None:
    fence = _FENCE.search(text)
    end = text.find(fence["fence"].strip(), fence.end()) if fence else -1
    return (fence.end(), end, fence["what"].lower()) if fence and end >= 0 else None


def _marked(text: str) -> _Extent | None:
    """Notes behind marks, up to an empty line behind the last of them."""
    marks = [mark for mark in _MARK.finditer(text) if mark["bracket"] or mark["numbered"]]
    named = _WHAT.search(text)
    if not marks or not (named or marks[1:]):
        return None
    end = text.find("\n\n", marks[-1].end() + 1)
    return marks[0].start(), end if end >= 0 else len(text), named[0].lower() if named else "notes"


def _listed(text: str) -> _Extent | None:
    items = list(_ITEMS.finditer(text))
    return (items[0].start(), items[-1].end(), "notes") if len(items) > 1 else None


def _behind(pattern: re.Pattern[str], text: str) -> _Extent | None:
    """What follows a word for notes, up to a question that is marked as one or a line that says what to do."""
    if not (match := pattern.search(text)):
        return None
    start = match.start("notes")
    start = next((line.start() for line in _LINE.finditer(text, start) if not _ORDER.match(line[0])), start)
    closing = (end.start() for ends in (_QUESTION, _AFTER, _ASKED) if (end := ends.search(text, start + 1)))
    end = min(closing, default=len(text))
    return (start, end, match["what"].lower()) if end > start else None


def _summed(text: str) -> _Extent | None:
    """What is to be summed up, behind the sentence that asks for it, or before it."""
    if not (asked := _SUMMARY.search(text)):
        return None
    begin = max(text.rfind(mark, 0, asked.start()) for mark in ".!?\n") + 1
    mark = _CLOSING.search(text, asked.end())
    end = mark.end() if mark else len(text)
    start, stop = (end, len(text)) if _WORD.search(text, end) else (0, begin)
    given = (mark and mark[0] in ":\n" and start) or _POINTING.search(text, begin, end)
    return (start, stop, "text") if given and _WORD.search(text, start, stop) else None


_SURE = (_tagged, _fenced, _marked, partial(_behind, _HEADED))
_UNSURE = (partial(_behind, _ANNOUNCED), _summed)


def _question(beside: str) -> str:
    """The question that stands beside the notes: marked as one, the last or first line that asks, or any last line."""
    if asked := _QUESTION.findall(beside):
        return asked[-1].strip()
    lines = [line.strip() for line in beside.splitlines() if _WORD.search(line) and not _SLOT.match(line)]
    asking = [line for line in lines if line.endswith("?")]
    if asking:
        return _SENTENCE.split(asking[-1])[-1]
    told = [line for line in lines if not _WHAT.search(line) and not _ORDER.match(line)]
    return told[-1] if told else ""


# What they say


_OPENED = re.compile(r"<\w+(?P<given>[^>\n]{0,200})>")
_CLOSED = re.compile(r"</\w+>")
_INNER = re.compile(r"<(?P<what>title|source|id|name)>\s*(?P<value>[^<\n]{1,80}?)\s*</(?P=what)>", re.IGNORECASE)
_GIVEN = re.compile(r"=\s*[\"']?(?P<value>[^\"'>\s][^\"'>\n]{0,60})")
_RULE = re.compile(r"[\s|:+=-]+$")


def _parted(notes: str) -> list[Note]:
    """One note for each sentence and each row, with the mark and the title that it stands under; a list is numbered."""
    notes = _INNER.sub(lambda inner: f"\nTitle: {inner['value']}\n", notes)
    notes = _OPENED.sub(lambda tag: f"\n[{value[1]}]\n" if (value := _GIVEN.search(tag["given"])) else "\n", notes)
    found: list[Note] = []
    mark, title, number, header = "", "", 0, []
    for line in _CLOSED.sub("\n", notes).splitlines():
        if marked := _MARK.match(line):
            number += marked["title"] is None
            title = marked["title"] or marked["called"] or marked["file"] or ""
            figure = marked["number"] or marked["numbered"]
            mark = marked["bracket"] or (f"({figure})" if figure else mark if mark.startswith("[") else "")
            line = line[marked.end() :]
        elif item := _ITEM.match(line):
            number += 1
            mark, line = "", line[item.end() :]
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.count("|") > 1 else []
        if not cells or _RULE.match(line):
            header = header if cells else []
        elif not header:
            header = cells
            continue
        shown = mark or f"({number or len(found) + 1})"
        if header and cells:
            row = ", ".join(f"{name}: {cell}" for name, cell in zip(header, cells, strict=False) if cell)
            found.append(Note(row, shown, " ".join(header), " ".join(cells)))
        else:
            found += [Note(part.strip(), shown, title.strip()) for part in _SENTENCE.split(line) if _WORD.search(part)]
    return found


def _stems(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(
        stem(word) for word in words if word not in vocabulary().asking and (len(word) > 1 or word.isdigit())
    )


def _telling(notes: Sequence[Note], wanted: frozenset[str], question: str) -> list[Note]:
    """The notes that tell what is asked, the best first; another is added only for two more words of the question."""
    kin = {word: with_synonyms({word}) for word in wanted}
    expected = _expected(question)
    spoken = [
        (
            note,
            _held(kin, note.cells or note.text),
            _held(kin, note.title),
            all(answer.search(note.text) for answer in expected),
        )
        for note in notes
        if not _ORDER.match(note.text)
    ]
    told: list[Note] = []
    left = wanted
    while spoken and len(told) < _MOST:
        note, own, above, _ = max(spoken, key=lambda one: (len((one[1] | one[2]) & left), len(one[1] & left), one[3]))
        if not (own | above) & left or (told and len(own & left) < 2):
            break
        told.append(note)
        left -= own | above
    enough = len(wanted - left) > _ENOUGH * len(wanted)
    answered = all(answer.search(" ".join(note.text for note in told)) for answer in expected)
    return told if told and enough and answered else []


def _akin(given: Given) -> list[Note]:
    """Of notes that were looked up and marked, the one that tells it in other words; none where that is not clear."""
    if not given.sure or not all(note.mark.startswith("[") for note in given.notes):
        return []
    asked, expected = features(given.question), _expected(given.question)
    near = [sum(asked.get(name, 0.0) * of for name, of in features(note.text).items()) for note in given.notes]
    first, second = [*sorted(near, reverse=True), 0.0][:2]
    note = given.notes[near.index(first)]
    clear = first >= _NEAR and first - second >= _AHEAD and not _ORDER.match(note.text)
    return [note] if clear and all(answer.search(note.text) for answer in expected) else []


def _expected(question: str) -> list[re.Pattern[str]]:
    """What the answer to a question that is put like this must hold."""
    return [answer for put, answer in _EXPECTED if put.search(question)]


def _held(kin: Mapping[str, Set[str]], text: str) -> frozenset[str]:
    """The words of a question that a text has, or words that mean the same."""
    stems = _stems(text)
    return frozenset(word for word, alike in kin.items() if alike & stems)


def _cited(note: Note, instructions: str) -> str:
    """A note with its mark: one in brackets always, any other, or its title, when that is asked for."""
    said, mark = _ended(note.text), note.mark
    if _CITED.search(instructions):
        mark = f"[{note.title if note.title and _BY_TITLE.search(instructions) else mark.strip('[]()')}]"
    return f"{said[:-1]} {mark}{said[-1]}" if mark.startswith("[") else said


def _ended(text: str) -> str:
    return text if text[-1] in '.!?”"' else f"{text}."


def _asks(question: str) -> bool:
    """Whether it is a question, or a request to be told something; no greeting and no thanks."""
    first = next(iter(_WORD.findall(question)), "").casefold()
    return "?" in question or first in vocabulary().tell
