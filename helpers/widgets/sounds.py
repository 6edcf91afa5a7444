"""The panel of lesson 08: a sound to look at, to cut at both ends and to send; its cost, and what is heard in it."""

from __future__ import annotations

import base64
import wave
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Any

from azure.ai.inference.models import AudioContentItem, InputAudio, TextContentItem, UserMessage
from ipywidgets import Dropdown, FloatSlider

from ..display import Rich, stacked, table
from ..media import play, sound_base64
from .files import Files
from .panel import Panel, answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLIPS = ("hello_how_are_you.wav", "train_at_nine.wav", "hello_how_are_you.mp3", "train_at_nine.mp3")
WISHES = {
    "transcribe": "Please transcribe this audio clip.",
    "translate to Spanish": "Please translate this audio clip to Spanish.",
    "translate to German": "Please translate this audio clip to German.",
}
TOKEN_SECONDS = 0.08  # of Phi-4-multimodal
CUT_SECONDS = 3.0  # at each end, at the most
QUIET = 0.02  # of the loudest possible; below this a column counts as silence
_COLUMNS, _HEIGHT = 120, 80  # of the drawing
_KEPT, _GONE = "#1976d2", "#8a8a8a"  # visible on white and on black: a picture does not know the page's theme


@dataclass(frozen=True)
class Sound:
    """One channel of samples from -1 to 1, and how many there are in a second."""

    samples: NDArray[np.float64]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def tokens(self) -> int:
        """One for each 80 milliseconds that were begun, as Phi-4-multimodal counts."""
        return ceil(round(self.seconds / TOKEN_SECONDS, 6))

    def cut(self, start: float, end: float) -> Sound:
        """Without so many seconds at its start and at its end. Raises ValueError when nothing is left."""
        first, last = round(start * self.rate), len(self.samples) - round(end * self.rate)
        if last <= first:
            raise ValueError(f"Nothing is left: the sound has {self.seconds:.2f} seconds. Cut less.")
        return Sound(self.samples[first:last], self.rate)

    @property
    def wav(self) -> bytes:
        """As the bytes of a WAV file, 16 bits a sample."""
        buffer = BytesIO()
        with wave.open(buffer, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(self.rate)
            out.writeframes((self.samples * 32768).round().clip(-32768, 32767).astype("<i2").tobytes())
        return buffer.getvalue()


def read(data: bytes) -> Sound:
    """A WAV or MP3 file, its channels mixed into one. Raises ValueError for anything else."""
    import soundfile

    sound_base64(data)  # says what the bytes look like when they are neither
    try:
        samples, rate = soundfile.read(BytesIO(data), always_2d=True)
    except soundfile.SoundFileError as error:
        raise ValueError(f"The sound cannot be decoded: {error}") from error
    return Sound(samples.mean(axis=1), rate)


def sound_panel(client: Any) -> Panel:
    """Choose one of the course's clips or upload a WAV or MP3 file, cut it at both ends, and say what is wanted; the
    result is the waveform, the kept sound to listen to, its seconds and tokens, and the answer.

    `client`: a `ChatCompletionsClient` with a model that hears. What is kept is sent as WAV. The tokens by the rule are
    those of Phi-4-multimodal; the prompt tokens are what the endpoint counts, the text of the wish among them.
    """
    files = Files("sound", CLIPS, read, read, accept=".wav,.mp3", label="upload a WAV or MP3 file")
    wish = Dropdown(options=list(WISHES.items()), description="instruction")
    start, end = (
        FloatSlider(
            0.0, min=0, max=CUT_SECONDS, step=0.1, description=f"cut at the {side} (s)", continuous_update=False
        )
        for side in ("start", "end")
    )
    for slider in (start, end):
        slider.layout.width = "24em"  # room for the track beside a long description

    @lru_cache(maxsize=8)
    def ask(sound: bytes, text: str) -> Any:
        data, kind = sound_base64(sound)
        audio = InputAudio(data=data, format=kind)
        items = [TextContentItem(text=text), AudioContentItem(input_audio=audio)]
        return client.complete(messages=[UserMessage(content=items)])

    def result() -> Rich:
        sound = files.current()
        kept = sound.cut(start.value, end.value)
        reply = ask(kept.wav, str(wish.value))
        rows = [
            ("seconds", f"{sound.seconds:.2f}", f"{kept.seconds:.2f}"),
            ("tokens by the rule", f"{sound.tokens:,}", f"{kept.tokens:,}"),
            ("prompt tokens, text included", "", f"{reply.usage.prompt_tokens:,}" if reply.usage else "not told"),
        ]
        return stacked(
            waveform(files.name, sound, start.value, end.value),
            play(kept.wav, f"What is kept of {files.name}"),
            table("What it costs", ["", "whole", "kept"], rows),
            answer(reply),
        )

    return Panel("A sound, and what is left of it", [files.chosen, files.upload, wish, start, end], result)


def waveform(name: str, sound: Sound, start: float = 0.0, end: float = 0.0) -> Rich:
    """The loudest sample of each stretch as a bar; what is cut at the start and at the end (seconds) is grey."""
    import numpy as np

    peaks = np.array([np.abs(part).max(initial=0.0) for part in np.array_split(sound.samples, _COLUMNS)])
    starts = np.arange(_COLUMNS) * sound.seconds / _COLUMNS
    kept = (starts >= start - 1e-9) & (starts < sound.seconds - end - 1e-9)
    bars = "".join(
        f'<rect x="{column}" y="{(_HEIGHT - height) / 2:.1f}" width="0.8" height="{height:.1f}" fill="{colour}"/>'
        for column, height, colour in zip(
            range(_COLUMNS), np.maximum(1, peaks * _HEIGHT), np.where(kept, _KEPT, _GONE), strict=True
        )
    )
    box = f'viewBox="0 0 {_COLUMNS} {_HEIGHT}" preserveAspectRatio="none"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="{_HEIGHT}" {box}>{bars}</svg>'
    loud = np.flatnonzero(peaks >= QUIET)
    heard = "silence throughout"
    if loud.size:
        last = starts[loud[-1]] + sound.seconds / _COLUMNS
        heard = f"sound from {starts[loud[0]]:.1f} to {last:.1f} seconds, silence before and after"
    alt = f"Waveform of {name}, {sound.seconds:.2f} seconds: {heard}"
    if start or end:
        alt += f"; cut off are {start:.1f} at the start and {end:.1f} at the end"
    source = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode('ascii')}"
    return Rich(
        alt, f'<img alt="{escape(alt)}" src="{source}" style="width: 100%; max-width: 40em; height: {_HEIGHT}px">'
    )
