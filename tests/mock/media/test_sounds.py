"""Sounds in a prompt: what is refused and how, what one costs, which are recognised, how others are described."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from helpers.mock.errors import ApiError
from helpers.mock.media import sounds
from helpers.mock.messages import Message
from helpers.mock.model.answers import answer
from helpers.mock.model.reading.conversation import read
from tests.support.places import MEDIA

HELLO, TRAIN = "hello_how_are_you", "train_at_nine"
WAV = (MEDIA / f"{HELLO}.wav").read_bytes()
MP3 = (MEDIA / f"{HELLO}.mp3").read_bytes()
RATE = 16_000
NOISE = np.random.default_rng(7).normal(0, 0.1, 4 * RATE)


def samples(name: str) -> NDArray[np.float64]:
    return soundfile.read(MEDIA / f"{name}.wav")[0]


def encode(values: NDArray[np.float64], rate: int = RATE, kind: str = "WAV", subtype: str | None = None) -> bytes:
    out = BytesIO()
    soundfile.write(out, values, rate, format=kind, subtype=subtype)
    return out.getvalue()


def resampled(values: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """The same sound at another rate, by way of its spectrum."""
    count = round(len(values) * rate / RATE)
    return np.fft.irfft(np.fft.rfft(values), count)[:count] * count / len(values)


def refusal(call: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


# --- decoding


@pytest.mark.parametrize("kind", ["wav", "mp3"])
@pytest.mark.parametrize(("name", "seconds"), [(HELLO, 2.33), (TRAIN, 3.16)])
def test_the_clips_are_read_with_their_duration(name: str, seconds: float, kind: str):
    sound = sounds.read_sound((MEDIA / f"{name}.{kind}").read_bytes(), declared=kind)
    assert (sound.format, sound.sample_rate, sound.channels) == (kind, RATE, 1)
    assert sound.duration == pytest.approx(seconds, abs=0.005)


@pytest.mark.parametrize(("data", "declared", "actual"), [(WAV, "mp3", "wav"), (MP3, "wav", "mp3")])
def test_a_wrong_format_is_refused_with_both_names(data: bytes, declared: str, actual: str):
    error = refusal(lambda: sounds.read_sound(data, declared=declared, loc=("body", "messages", 0)))
    assert (error.kind, error.status, error.loc) == ("audio_mislabelled", 400, ("body", "messages", 0))
    assert f"given as {declared}" in error.message
    assert f"its bytes are {actual}" in error.message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"this is no sound", "no sound"),
        (WAV[:44], "no samples"),
        (WAV[:30], "wav"),
        (WAV[:20_000], "cut off after 0.62 seconds"),
        (MP3[:8_000], "cut off"),
        (MP3[:300], "no whole frame"),
        (MP3[:3_000] + b"\0" * 4_000 + MP3[7_000:], "mp3"),
        (b"ID3\x04\0\0\0\0\0\0" + b"x" * 500, "mp3"),
    ],
    ids=[
        "empty",
        "text",
        "header only",
        "half a header",
        "wav cut off",
        "mp3 cut off",
        "mp3 head",
        "damaged",
        "tag only",
    ],
)
def test_a_broken_sound_is_refused_with_the_reason(data: bytes, reason: str):
    error = refusal(lambda: sounds.read_sound(data))
    assert (error.kind, error.status) == ("audio_broken", 400)
    assert reason in error.message


@pytest.mark.parametrize(("kind", "name"), [("FLAC", "flac"), ("OGG", "ogg"), ("AIFF", "aiff")])
def test_another_format_is_refused_by_its_name(kind: str, name: str):
    error = refusal(lambda: sounds.read_sound(encode(samples(HELLO), kind=kind), declared="wav"))
    assert (error.kind, error.status) == ("audio_unsupported", 415)
    assert name in error.message


def test_too_many_bytes_are_refused_with_both_numbers():
    error = refusal(lambda: sounds.read_sound(WAV, max_bytes=1_000))
    assert (error.kind, error.status) == ("audio_too_large", 413)
    assert f"{len(WAV):,}" in error.message
    assert "1,000" in error.message


def test_too_long_a_sound_is_refused_by_its_header(monkeypatch: pytest.MonkeyPatch):
    def decoded(*_: object) -> None:
        raise AssertionError("it was decoded")

    hour = encode(np.zeros(3600 * 1000), 1000, subtype="PCM_U8")
    monkeypatch.setattr(sounds, "_blocks", lambda *_: iter(decoded, 0))
    error = refusal(lambda: sounds.read_sound(hour))
    assert error.kind == "audio_too_large"
    assert "3,600 seconds; at most 1,800" in error.message


def test_an_mp3_that_does_not_state_its_length_is_measured():
    start = next(n for n in range(100, len(MP3)) if MP3[n : n + 2] == MP3[:2])  # without the frame of the Info tag
    bare = MP3[start:]
    assert sounds.read_sound(bare).duration == pytest.approx(2.4, abs=0.15)
    assert refusal(lambda: sounds.read_sound(bare, max_seconds=1)).kind == "audio_too_large"
    assert sounds.read_sound(bare).name == HELLO


def test_a_wav_written_to_a_pipe_does_not_know_its_length():
    data = WAV[:4] + b"\xff\xff\xff\xff" + WAV[8:40] + b"\xff\xff\xff\xff" + WAV[44:]
    assert sounds.read_sound(data).duration == pytest.approx(2.33, abs=0.005)


@settings(max_examples=60, deadline=None)
@given(data=st.sampled_from([WAV, MP3]), position=st.integers(0, 14_000), junk=st.binary(min_size=1, max_size=60))
def test_damaged_bytes_end_in_a_sound_or_a_refusal(data: bytes, position: int, junk: bytes):
    try:
        assert sounds.read_sound(data[:position] + junk + data[position + len(junk) :]).duration > 0
    except ApiError as error:
        kind = error.kind
    else:
        kind = None
    assert kind in (None, "audio_broken", "audio_too_large", "audio_unsupported")


# --- base64 and data URLs


def test_base64_is_read_and_line_breaks_are_skipped():
    assert sounds.parse_base64(base64.encodebytes(MP3).decode()) == MP3


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "no data"), ("AAA", "cut off"), ("A*AA", "'*'"), ("data:audio/mpeg;base64,AAAA", "the base64 alone")],
)
def test_wrong_base64_says_why(text: str, reason: str):
    error = refusal(lambda: sounds.parse_base64(text))
    assert (error.kind, error.status) == ("audio_base64", 400)
    assert reason in error.message


@pytest.mark.parametrize(
    ("media_type", "name"), [("audio/mpeg", "mp3"), ("audio/x-wav", "wav"), ("audio/ogg", "audio/ogg")]
)
def test_a_data_url_gives_format_and_bytes(media_type: str, name: str):
    url = f"data:{media_type};base64,{base64.b64encode(MP3).decode()}"
    assert sounds.parse_data_url(url) == (name, MP3)


def test_an_address_is_not_fetched():
    error = refusal(lambda: sounds.parse_data_url("https://example.org/hello.mp3"))
    assert (error.kind, error.given) == ("audio_address", "https://example.org/hello.mp3")
    assert refusal(lambda: sounds.parse_data_url("data:audio/mpeg,abc")).kind == "audio_base64"


# --- cost


@pytest.mark.parametrize(
    ("seconds", "tokens"),
    [(0.08, 1), (0.081, 2), (0.8, 10), (2.4, 30), (1, 13), (2.3295, 30), (3.1647, 40), (1800, 22500)],
)
def test_every_80_milliseconds_begun_cost_a_token(seconds: float, tokens: int):
    assert sounds.sound_tokens(seconds) == tokens


# --- recognition


@pytest.mark.parametrize("name", [HELLO, TRAIN])
def test_the_stored_fingerprints_are_those_of_the_files(name: str):
    known = sounds.known_clips()[name]
    new = sounds.read_sound((MEDIA / f"{name}.wav").read_bytes()).fingerprint
    assert new is not None
    # Another numpy may round a step the other way; more than that is another sound.
    steps = [abs(int(a, 16) - int(b, 16)) for a, b in zip(new[1], known["fingerprint"], strict=True)]
    assert max(steps) <= 1, f"write this into helpers/mock/data/media.toml: {new}"
    assert new[0] == known["speech_seconds"]


VARIANTS: dict[str, Callable[[NDArray[np.float64]], bytes]] = {
    "8 kHz": lambda x: encode(resampled(x, 8_000), 8_000),
    "11.025 kHz": lambda x: encode(resampled(x, 11_025), 11_025),
    "44.1 kHz": lambda x: encode(resampled(x, 44_100), 44_100),
    "48 kHz": lambda x: encode(resampled(x, 48_000), 48_000),
    "48 kHz, MP3": lambda x: encode(resampled(x, 48_000), 48_000, "MP3"),
    "MP3": lambda x: encode(x, kind="MP3"),
    "A-law": lambda x: encode(x, subtype="ALAW"),
    "8 bits, a third of the volume": lambda x: encode(x * 0.33, subtype="PCM_U8"),
    "a tenth of the volume": lambda x: encode(x * 0.1),
    "stereo": lambda x: encode(np.stack([x, x], axis=1)),
    "silence before it": lambda x: encode(np.r_[np.zeros(RATE // 10), x]),
    "silence after it": lambda x: encode(np.r_[x, np.zeros(RATE)]),
    "silence cut away": lambda x: encode(x[np.flatnonzero(abs(x) > 0.01)[0] : np.flatnonzero(abs(x) > 0.01)[-1]]),
    "a little noise": lambda x: encode(x + 0.03 * x.std() * np.random.default_rng(1).normal(size=len(x))),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", [HELLO, TRAIN])
def test_the_courses_clips_are_recognised_in_other_clothes(name: str, variant: str):
    assert sounds.read_sound(VARIANTS[variant](samples(name))).name == name


@pytest.mark.parametrize("name", [HELLO, TRAIN])
def test_both_committed_formats_are_recognised(name: str):
    assert {sounds.read_sound((MEDIA / f"{name}.{kind}").read_bytes()).name for kind in ("wav", "mp3")} == {name}


STRANGERS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "backwards": lambda x: x[::-1],
    "first half": lambda x: x[: len(x) // 2],
    "halves swapped": lambda x: np.r_[x[len(x) // 2 :], x[: len(x) // 2]],
    "twice": lambda x: np.r_[x, x],
    "noise": lambda x: NOISE[: len(x)],
    "tone": lambda x: 0.3 * np.sin(np.arange(len(x)) * 0.2),
    "speech-like bursts of noise": lambda x: NOISE[: len(x)] * (np.arange(len(x)) // 2_000 % 2),
    "noise as loud as the clip": lambda x: np.convolve(abs(x), np.ones(400) / 400, "same") * NOISE[: len(x)],
    "silence": np.zeros_like,
    "a click": lambda x: np.eye(1, len(x), 5_000)[0],
    "very short": lambda x: x[:100],
}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", [HELLO, TRAIN])
def test_other_sounds_are_not_recognised(name: str, stranger: str):
    assert sounds.read_sound(encode(STRANGERS[stranger](samples(name)))).name is None


def test_one_clip_is_not_taken_for_the_other_at_its_length():
    hello, train = samples(HELLO), samples(TRAIN)
    stretched = np.interp(np.linspace(0, len(train), len(hello)), np.arange(len(train)), train)
    assert sounds.read_sound(encode(stretched)).name is None


@pytest.mark.parametrize("name", [HELLO, TRAIN])
def test_a_clip_is_known_with_its_words_in_five_languages(name: str):
    clip = sounds.known_clips()[name]
    assert all(clip[language] for language in ("es", "fr", "de", "it", "pt"))
    assert clip["language"] == "en"
    assert clip["transcript"].endswith((".", "?"))


# --- description


def test_the_description_measures_the_sound():
    text = sounds.read_sound(MP3).description
    assert "2.33 seconds (mp3, 16 kHz, one channel)" in text
    assert "% of it is silence" in text


def test_loud_quiet_and_silent_are_told_apart():
    tone = np.sin(np.arange(RATE) * 0.2)
    assert "It is loud (-6 dBFS" in sounds.read_sound(encode(0.7 * tone)).description
    assert "It is quiet (-43 dBFS" in sounds.read_sound(encode(0.01 * tone)).description
    assert "silent throughout" in sounds.read_sound(encode(0 * tone)).description


def test_the_share_of_silence_is_the_share_of_silence():
    tone = 0.5 * np.sin(np.arange(RATE) * 0.2)
    assert "75% of it is silence" in sounds.read_sound(encode(np.r_[tone, np.zeros(3 * RATE)])).description
    assert "two channels" in sounds.read_sound(encode(np.stack([tone, tone], axis=1))).description


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("Please transcribe this audio clip.", "Hello. How are you?"),
        ("What language is spoken?", "English."),
        ("How long is the clip?", f"The sound lasts {len(samples(HELLO)) / RATE:.2f} seconds"),
    ],
)
def test_what_is_asked_about_a_clip(wish: str, said: str):
    conversation = read([Message("user", wish)], sounds=[sounds.read_sound(WAV)])
    assert answer(conversation).text.plain().startswith(said)
