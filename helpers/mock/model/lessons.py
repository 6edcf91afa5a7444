"""What a reader of the lessons asks: answers to the lessons' questions, and what pictures and sounds are known to hold.

The questions are answered from `data/answers/*.toml`: to answer another is to add an entry there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial

from ..data import answer_files, table
from ..media.pictures import Picture, known_pictures
from ..media.sounds import Sound, known_clips
from .reading.conversation import Conversation
from .writing.generate import Text
from .writing.markup import escape, parse_markup

LANGUAGES = {"english": "en", "spanish": "es", "french": "fr", "german": "de", "italian": "it", "portuguese": "pt"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One lesson answer: `match` is searched in the question's meaning, `picture` names what must be in sight.

    `needs` are pieces of text in lower case: where `match` is found, there is one of each row of them, of which the
    first is the longest. They are looked for first, since a lookout tells them of all entries at once.
    """

    pattern: str
    say: str
    needs: tuple[tuple[str, ...], ...] = ()
    picture: str = ""
    system_pattern: str = ""

    @property
    def match(self) -> re.Pattern[str]:
        return _insensitive(self.pattern)

    @property
    def system(self) -> re.Pattern[str]:
        return _insensitive(self.system_pattern)


_insensitive = cache(partial(re.compile, flags=re.IGNORECASE))  # compiled when first wanted: a start takes long enough


_LEAST = 3  # letters of a text that is worth looking for
_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|\{[^}]*\}|\(\?:[\w '|-]+\)|[\w '-]+|.", re.DOTALL)


def _needed(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The texts of which every match of a pattern holds one in each row, as far as they can be told without a parser:
    what stands outside of classes and of groups, but for those that are plain words, and is not optional or very short.
    None for a choice at the outermost level."""
    found, depth = [], 0
    pieces = _PIECE.findall(pattern)
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth == 0 and piece == "|":
            return ()
        optional = following[:1] in {"?", "*", "{"}
        if depth == 0 and piece.startswith("(?:") and not optional:
            found.append([word.strip() for word in piece[3:-1].lower().split("|")])
        elif depth == 0 and (piece[0].isalnum() or piece[0] in " '-_"):
            found.append([(piece[:-1] if optional else piece).strip().lower()])
    rows = {tuple(row) for row in found if min(map(len, row)) >= _LEAST}
    return tuple(sorted(rows, key=lambda row: (-min(map(len, row)), row)))


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
def _entries_about(picture: str | None) -> dict[str, list[int]]:
    """The places of the entries by what each needs first, for a picture in sight: "" for none, None for a stranger,
    about which there are none."""
    found: dict[str, list[int]] = {}
    for place, entry in enumerate(entries()):
        if entry.picture == picture:
            for piece in entry.needs[0] if entry.needs else ("",):
                found.setdefault(piece, []).append(place)
    return found


def words() -> set[str]:
    """What a lookout is to tell of a question."""
    return {piece for entry in entries() for row in entry.needs for piece in row}


@cache
def texts() -> dict[str, Text]:
    """The answers of the entries as planned texts, each read once: a `Text` keeps its tokens."""
    return {entry.say: parse_markup(entry.say) for entry in entries()}


def known(held: frozenset[str], conversation: Conversation) -> str | None:
    """The answer in markup to a lesson's question, or about the pictures or sounds that are in sight.

    `held` is what a lookout for `words` tells of the question's meaning.
    """
    return _lesson(held, conversation) or _see(conversation) or _hear(conversation)


def _lesson(held: frozenset[str], conversation: Conversation) -> str | None:
    if conversation.sounds or len(conversation.pictures) > 1:
        return None
    meaning = conversation.meaning
    about = _entries_about(conversation.pictures[0].name if conversation.pictures else "")
    for place in sorted({place for piece in about.keys() & {"", *held} for place in about[piece]}):
        entry = entries()[place]
        if any(map(held.isdisjoint, entry.needs)):
            continue
        if entry.system_pattern and not entry.system.search(conversation.system):
            continue
        if entry.match.search(meaning):
            return entry.say
    return None


def _see(conversation: Conversation) -> str | None:
    if not conversation.pictures:
        return None
    if len(conversation.pictures) == 1:
        return escape(_seen(conversation.pictures[0], conversation.meaning))
    lines = [f"Picture {n}: {_seen(seen, conversation.meaning)}" for n, seen in enumerate(conversation.pictures, 1)]
    return escape(f"You sent {len(lines)} pictures.\n" + "\n".join(lines))


def _seen(picture: Picture, wish: str) -> str:
    """What a picture shows: the lessons' own are known by content, any other is measured."""
    if picture.name is None:
        return picture.description
    known = known_pictures()[picture.name]
    if re.search(r"\b(conclu|finding|trend|outlier|stands? out|peculiar)", wish, re.IGNORECASE):
        return known.get("conclusion", known["shows"])
    return known["shows"]


def _hear(conversation: Conversation) -> str | None:
    if not conversation.sounds:
        return None
    return escape("\n".join(_heard(sound, conversation.meaning.lower()) for sound in conversation.sounds))


def _heard(sound: Sound, wish: str) -> str:
    if sound.name is None:
        return (
            f"{sound.description} The mock does not recognise speech: it knows the lessons' own clips by their "
            "sound, and this is none of them."
        )
    clip = known_clips()[sound.name]
    if re.search(r"\bhow long\b|\bduration\b", wish):
        return sound.description
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
