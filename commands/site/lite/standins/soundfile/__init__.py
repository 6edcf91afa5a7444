"""WAV by the standard library and MP3 by mpg123 (WebAssembly): what the course needs of the package of this name."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

__version__ = "0.14.0"


class SoundFileError(Exception): ...


class LibsndfileError(SoundFileError, RuntimeError):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.error_string = text


class SoundFile:
    def __init__(self, file: Any, mode: str = "r") -> None:
        data = file.read() if hasattr(file, "read") else Path(file).read_bytes()
        self._at = 0
        self._samples, self.samplerate, self.format = _wav(data) if data[:4] == b"RIFF" else _mp3(data)
        self.channels, self.frames = self._samples.shape[1], len(self._samples)

    def __enter__(self) -> SoundFile:
        return self

    def __exit__(self, *args: object) -> None: ...

    def read(self, frames: int = -1, dtype: str = "float64", always_2d: bool = False) -> Any:
        end = self.frames if frames < 0 else min(self._at + frames, self.frames)
        block, self._at = _as(self._samples[self._at : end], np.dtype(dtype)), end
        return block if always_2d or self.channels > 1 else block[:, 0]


def _as(samples: Any, dtype: Any) -> Any:
    """Samples from -1 to 1 as they are, or as whole numbers over the whole range of their type."""
    if dtype.kind == "f":
        return samples.astype(dtype)
    full = 2.0 ** (8 * dtype.itemsize - 1)
    return np.clip(np.floor(samples.astype(np.float64) * full), -full, full - 1).astype(dtype)


def read(file: Any, dtype: str = "float64", always_2d: bool = False) -> tuple[Any, int]:
    with SoundFile(file) as sound:
        return sound.read(dtype=dtype, always_2d=always_2d), sound.samplerate


def write(file: Any, data: Any, samplerate: int, format: str = "WAV", subtype: str = "PCM_16") -> None:
    """Samples as WAV of 16 bits: whole numbers as they are, others from -1 to 1."""
    if (format, subtype) != ("WAV", "PCM_16"):
        raise LibsndfileError(f"the browser edition writes WAV of 16 bits, not {format} {subtype}")
    samples = np.asarray(data)
    if samples.dtype.kind == "f":
        samples = np.clip(np.rint(samples * 2**15), -(2**15), 2**15 - 1)
    with wave.open(file if hasattr(file, "write") else str(file), "wb") as sound:
        sound.setnchannels(samples.shape[1] if samples.ndim > 1 else 1)
        sound.setsampwidth(2)
        sound.setframerate(samplerate)
        sound.writeframes(samples.astype("<i2").tobytes())


def info(file: Any) -> Any:
    with SoundFile(file) as sound:
        return SimpleNamespace(
            duration=sound.frames / sound.samplerate,
            samplerate=sound.samplerate,
            channels=sound.channels,
            frames=sound.frames,
            format=sound.format,
        )


def _wav(data: bytes) -> tuple[Any, int, str]:
    try:
        with wave.open(io.BytesIO(data)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise LibsndfileError(f"Error in WAV file: {error}.") from None
    raw = raw[: len(raw) // (width * channels) * width * channels]
    if width == 1:
        samples = (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    elif width == 2:
        samples = np.frombuffer(raw, "<i2").astype(np.float32) / 2**15
    elif width == 3:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        samples = wide.view("<i4")[:, 0].astype(np.float32) / 2**31
    else:
        samples = np.frombuffer(raw, "<i4").astype(np.float32) / 2**31
    return samples.reshape(-1, channels), rate, "WAV"


def _mp3(data: bytes) -> tuple[Any, int, str]:
    import js
    from pyodide.code import run_js
    from pyodide.ffi import run_sync, to_js

    if not hasattr(js, "mpg123-decoder"):
        from importlib.resources import files

        run_js((files(__name__) / "mpg123-decoder.min.js").read_text("utf-8"))
    decoder = getattr(js, "mpg123-decoder").MPEGDecoder.new()
    try:
        run_sync(decoder.ready)
        found = decoder.decode(to_js(data))
        channels = [np.asarray(channel.to_py(), np.float32) for channel in found.channelData]
        rate = int(found.sampleRate)
    finally:
        decoder.free()
    if not channels or not len(channels[0]):
        raise LibsndfileError("File does not exist or is not a regular file (possibly a pipe?).")
    if _mono(data):
        channels = channels[:1]
    return np.stack(channels, axis=1), rate, "MP3"


def _mono(data: bytes) -> bool:
    """Whether the first frame of an MP3 says that it has one channel."""
    at = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]) if data.startswith(b"ID3") else 0
    while at + 4 <= len(data) and not (data[at] == 0xFF and data[at + 1] & 0xE0 == 0xE0):
        at += 1
    return at + 4 <= len(data) and data[at + 3] >> 6 == 3
