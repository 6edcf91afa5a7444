"""Sounds in a prompt: decode them, say what they cost, recognise the course's own clips, describe any other.

numpy and soundfile are imported when the first sound arrives, so that starting the mock stays fast.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..data import table
from ..errors import ApiError
from .data_urls import decode_base64, shortened, split_data_url
from .signatures import media_type_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_BYTES = 25_000_000
MAX_SECONDS = 30 * 60.0
TOKEN_SECONDS = 0.08

_MEDIA_TYPES = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}

_NAMES = {"audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/basic": "au"}  # other formats are called as their types

# The fingerprint: the loudness of so many stretches of the speech in so many bands, in steps of hexadecimal digits.
# The bands end where a telephone's do, so that a sampling rate of 8 kHz still carries all of them.
_STRETCHES, _BANDS, _LOW_HZ, _HIGH_HZ = 32, 8, 200.0, 3400.0
_WINDOW, _HOP = 0.032, 0.01  # seconds
_SPEECH_DB, _FLOOR_DB = 30.0, 40.0  # speech is what comes this close to the loudest moment; quieter than the floor is 0

# Measured on the course's clips: MP3 down to 16 kbit/s, 8 to 48 kHz, 8 bits and a tenth of the volume correlate by 0.99
# and more; other sentences of the same voice that differ in one word by 0.93 at the most.
_CORRELATION, _LENGTH_TOLERANCE = 0.97, 0.05

_SILENCE_DB = -50.0


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound that was decoded. `duration` in seconds, `sample_rate` in hertz.

    Of its samples is kept what it is measured and recognised by, mixed to one channel; the rest is let go. What they
    tell is found out when it is asked for, and once.
    """

    format: str
    duration: float
    sample_rate: int
    channels: int
    powers: NDArray[np.float32] = field(repr=False)
    """The mean power of every 20 milliseconds."""
    samples: NDArray[np.float32] | None = field(repr=False)
    """All samples; None of a sound that is longer than the course's clips."""

    @cached_property
    def name(self) -> str | None:
        """The name in `data/media.toml` of the course's clip that this is, or None.

        The course of loudness in a few bands is compared, from the first to the last sound above silence. So format,
        sampling rate, volume and silence around it do not matter, while another sentence does not pass for it.
        """
        import numpy as np

        if self.fingerprint is None:
            return None
        seconds, digits = self.fingerprint
        levels = np.array([int(digit, 16) for digit in digits], float)
        for name, row in known_clips().items():
            reference = np.array([int(digit, 16) for digit in row["fingerprint"]], float)
            if abs(seconds / row["speech_seconds"] - 1) > _LENGTH_TOLERANCE or not levels.std():
                continue
            if np.corrcoef(levels, reference)[0, 1] >= _CORRELATION:
                return name
        return None

    @cached_property
    def fingerprint(self) -> tuple[float, str] | None:
        """The `speech_seconds` and the `fingerprint` of `data/media.toml`; None of silence and of what is too long."""
        import numpy as np

        if self.samples is None:
            return None
        power = _band_powers(self.samples, self.sample_rate)
        loudness = _decibels(power.sum(1))
        if loudness.max() < -60:
            return None
        speech = np.flatnonzero(loudness > loudness.max() - _SPEECH_DB)
        power = power[speech[0] : speech[-1] + 1]
        seconds = round(len(power) * _HOP, 2)

        # The mean power of each stretch; a stretch may begin and end between two windows, hence the running sum.
        running = np.vstack([np.zeros(_BANDS), np.cumsum(power, axis=0)])
        cuts = np.linspace(0, len(power), _STRETCHES + 1)
        sums = np.stack([np.interp(cuts, np.arange(len(running)), band) for band in running.T], axis=1)
        levels = _decibels(np.diff(sums, axis=0))
        steps = np.clip((levels - levels.max() + _FLOOR_DB) / _FLOOR_DB, 0, 1) * 15
        return seconds, "".join(f"{round(step):x}" for step in steps.ravel())

    @cached_property
    def description(self) -> str:
        """What can be measured of the sound, in plain English: duration, format, loudness, the share of silence."""
        level = _decibels(self.powers.mean())
        silent = (_decibels(self.powers) < _SILENCE_DB).mean()
        channels = {1: "one channel", 2: "two channels"}.get(self.channels, f"{self.channels} channels")
        head = (
            f"The sound lasts {self.duration:.2f} seconds"
            f" ({self.format}, {self.sample_rate / 1000:g} kHz, {channels}). "
        )
        if silent == 1:
            return head + "It is silent throughout."
        loudness = "quiet" if level < -35 else "of medium loudness" if level < -18 else "loud"
        return f"{head}It is {loudness} ({level:.0f} dBFS on average), and {silent:.0%} of it is silence."


def parse_base64(text: str, *, loc: tuple[str | int, ...] = ()) -> bytes:
    """The bytes of an ``input_audio.data``: standard base64 with padding, white space skipped.

    Raises ApiError `audio_base64`.
    """
    try:
        if text[:5].lower() == "data:":
            raise ValueError(
                "it is a data URL; input_audio.data takes the base64 alone, and the format is a field of its own"
            )
        return decode_base64(text)
    except ValueError as error:
        raise ApiError("audio_base64", loc=loc, given=shortened(text), reason=error) from None


def parse_data_url(url: str, *, loc: tuple[str | int, ...] = ()) -> tuple[str, bytes]:
    """Split an ``audio_url`` of the form ``data:audio/mpeg;base64,...`` into its format (wav, mp3...) and its bytes.

    Raises ApiError `audio_address` when this is an address and no data URL, `audio_base64` when it cannot be read.
    """
    media_type, parameters, payload = split_data_url(url, "audio", loc)
    if payload is None or "base64" not in parameters:
        reason = "a data URL of a sound has the form data:audio/mpeg;base64,<the bytes in base64>"
        raise ApiError("audio_base64", loc=loc, given=shortened(url), reason=reason)
    return _MEDIA_TYPES.get(media_type, media_type or "unknown"), parse_base64(payload, loc=loc)


def read_sound(
    data: bytes,
    *,
    declared: str | None = None,
    max_bytes: int = MAX_BYTES,
    max_seconds: float = MAX_SECONDS,
    loc: tuple[str | int, ...] = (),
) -> Sound:
    """Decode a sound completely, a block at a time, and say what it is.

    `declared` is the format the request gives it: wav or mp3 (2024-05-01-preview, AudioContentFormat). Size and stated
    duration are checked before anything is decoded, and decoding stops at `max_seconds`. Raises ApiError
    `audio_too_large`, `audio_unsupported`, `audio_mislabelled` or `audio_broken`.
    """
    given = f"{declared or 'a sound'} of {len(data):,} bytes"
    if len(data) > max_bytes:
        raise _too_large(f"{len(data):,} bytes", f"{max_bytes:,}", given, loc)
    actual = format_of(data)
    if actual is None:
        reason = "its bytes are no sound that is known" if data else "it is empty"
        raise ApiError("audio_broken", loc=loc, given=given, reason=reason)
    if actual not in ("wav", "mp3"):
        raise ApiError("audio_unsupported", loc=loc, given=given, actual=actual)
    if declared is not None and declared.lower() != actual:
        raise ApiError("audio_mislabelled", loc=loc, given=declared, declared=declared, actual=actual)

    import numpy as np
    import soundfile

    powers: list[NDArray[np.float32]] = []
    samples: list[NDArray[np.float32]] = []
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            rate, channels = file.samplerate, file.channels
            promised = file.frames if _knows_its_length(data) else 0
            frames = 0
            stretch = min(max(rate // 50, 1), 2**16)  # 20 ms; bounded, whatever rate the header claims
            blocks = _blocks(file, stretch * max(2**20 // channels // stretch, 1))
            while max(frames, promised) <= max_seconds * rate and (block := next(blocks, None)) is not None:
                frames += len(block)
                powers.append(_powers(block, stretch))
                samples.append(block)
                if frames > _longest() * rate:
                    samples.clear()
    except Exception as error:  # a decoder that is fed damaged bytes may raise anything
        raise ApiError("audio_broken", loc=loc, given=given, reason=f"{actual}: {_libsndfile_says(error)}") from None
    if max(frames, promised) > max_seconds * rate:
        known = f"{promised / rate:,.0f} seconds" if promised else f"more than {max_seconds:,.0f} seconds"
        raise _too_large(known, f"{max_seconds:,.0f}", given, loc)
    if not frames:
        raise ApiError("audio_broken", loc=loc, given=given, reason=f"{actual}: it holds no samples")
    if frames < promised or _riff_bytes(data) > len(data) + 8:  # some writers count the 8 bytes of the header in
        reason = f"{actual}: it is cut off after {frames / rate:.2f} seconds"
        raise ApiError("audio_broken", loc=loc, given=given, reason=reason)
    seconds = frames / rate
    whole = np.concatenate(samples) if seconds <= _longest() else None
    return Sound(actual, seconds, rate, channels, np.concatenate(powers), whole)


def format_of(data: bytes) -> str | None:
    """The format that the first bytes give away (wav, mp3, ogg, flac...); None when they are unknown."""
    media_type = media_type_of(data, "audio", "video")
    return media_type and (_NAMES.get(media_type) or media_type.partition("/")[2])


def sound_tokens(seconds: float, rate: float = 1 / TOKEN_SECONDS) -> int:
    """What a sound costs in prompt tokens at `rate` tokens a second: 12.5 (one for every 80 ms) on Phi-4-multimodal."""
    return math.ceil(round(seconds * rate, 6))


@cache
def known_clips() -> dict[str, Mapping[str, Any]]:
    """The course's clips by name, as `data/media.toml` has them: `file`, `language`, `transcript`, its translations by
    language code (`es`, `fr`...), `speech_seconds` and `fingerprint`."""
    return table("media.toml")["sounds"]


@cache
def _longest() -> float:
    """Seconds that a clip of the course can have, with silence around it."""
    return 10 + max(row["speech_seconds"] for row in known_clips().values())


def _blocks(file: Any, frames: int) -> Iterator[NDArray[np.float32]]:
    """The samples of an open file mixed to one channel, so many at a time: no more than a block is held in memory."""
    import numpy as np

    while len(block := file.read(frames, dtype="float32", always_2d=True)):
        yield np.nan_to_num(block.mean(axis=1))


def _knows_its_length(data: bytes) -> bool:
    """Whether a file states how much sound it holds. An MP3 does in its Xing or Info tag; without, it is a guess."""
    if data.startswith(b"RIFF"):
        return True
    start = 0
    if data.startswith(b"ID3") and len(data) >= 10:  # seven bits a byte, without the header's ten
        start = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    return any(tag in data[start : start + 64] for tag in (b"Xing", b"Info"))


def _riff_bytes(data: bytes) -> int:
    """How long a WAV file says it is; 0 for other files and for streams, whose writers cannot know (2 GiB or more)."""
    size = int.from_bytes(data[4:8], "little") + 8 if data[:4] == b"RIFF" else 0
    return 0 if size > 0x7FFF0000 else size


def _band_powers(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """The power in each of the bands (columns), window by window (rows)."""
    import numpy as np

    window = min(max(int(_WINDOW * rate), 1), 2**16)
    edge = np.zeros(window)  # so that sound at the very beginning or end fills windows as it does elsewhere
    padded = np.concatenate([edge, samples, edge])
    starts = np.arange(0, len(padded) - window + 1, max(_HOP * rate, 1)).astype(int)
    windows = np.lib.stride_tricks.sliding_window_view(padded, window)
    shape = np.hanning(window)
    edges = np.searchsorted(np.fft.rfftfreq(window, 1 / rate), np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1))
    power = np.empty((len(starts), _BANDS))
    at_once = max(2**20 // window, 1)  # which bounds the memory
    for first in range(0, len(starts), at_once):
        rows = slice(first, first + at_once)
        spectrum = np.abs(np.fft.rfft(windows[starts[rows]] * shape)) ** 2
        for band, (low, high) in enumerate(pairwise(edges)):
            power[rows, band] = spectrum[:, low:high].sum(axis=1)
    return power


def _powers(samples: NDArray[np.float32], frame: int) -> NDArray[np.float32]:
    """The mean power of each stretch of `frame` samples; the last is filled up with silence."""
    import numpy as np

    return (np.pad(samples, (0, -len(samples) % frame)).reshape(-1, frame) ** 2).mean(axis=1)


def _decibels(power: Any) -> Any:
    import numpy as np

    return 10 * np.log10(power + 1e-20)


def _libsndfile_says(error: Exception) -> str:
    said = getattr(error, "error_string", str(error)).rstrip(".")
    # What the decoder of MP3 says of a piece that is too short to hold a frame.
    return "there is no whole frame in it" if said.startswith("File does not exist") else said


def _too_large(actual: str, limit: str, given: str, loc: tuple[str | int, ...]) -> ApiError:
    return ApiError("audio_too_large", loc=loc, given=given, actual=actual, limit=limit)
