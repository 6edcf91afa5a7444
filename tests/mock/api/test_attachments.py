"""The pictures and sounds of a request: each is decoded once, whatever is asked about it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from helpers.mock.media.pictures import known_pictures
from tests.support.caller import Caller
from tests.support.places import MEDIA

PHI4 = "Phi-4-multimodal-instruct"


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], list[object]]:
    """Counts the calls of a function of a module from now on, in a list."""

    def counting(module: Any, name: str) -> list[object]:
        calls: list[object] = []
        real = getattr(module, name)

        def counted(*args: Any, **options: Any) -> Any:
            calls.append(args)
            return real(*args, **options)

        monkeypatch.setattr(module, name, counted)
        return calls

    return counting


def picture(data: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(data).decode()}"}}


def stranger() -> bytes:
    out = BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("data", [(MEDIA / "chart.png").read_bytes(), stranger()], ids=["chart", "stranger"])
def test_a_picture_is_decoded_once(ask: Caller, count: Callable[[Any, str], list[object]], data: bytes):
    known_pictures()  # the course's own are decoded when the first picture is compared with them
    decoders = count(Image, "_getdecoder")
    said = ask.text(
        [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, picture(data)]}], model=PHI4
    )
    assert len(said) > 40
    assert len(decoders) == 1


def test_a_picture_to_embed_is_decoded_once(ask: Caller, count: Callable[[Any, str], list[object]]):
    known_pictures()
    decoders = count(Image, "_getdecoder")
    body = {"model": "Cohere-embed-v3-english", "input": [{"image": picture(stranger())["image_url"]["url"]}]}
    assert ask.send(body, "/models/images/embeddings").status == 200
    assert len(decoders) == 1


@pytest.mark.parametrize("kind", ["wav", "mp3"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("wish", ["What is said?", "How long is it?"])
def test_a_sound_is_decoded_once(
    ask: Caller, count: Callable[[Any, str], list[object]], kind: str, known: bool, wish: str
):
    data = (MEDIA / f"hello_how_are_you.{kind}").read_bytes()
    if not known:
        out = BytesIO()
        soundfile.write(out, np.random.default_rng(1).normal(0, 0.1, 32_000), 16_000, format=kind.upper())
        data = out.getvalue()
    opened = count(soundfile, "SoundFile")
    sound = {"type": "input_audio", "input_audio": {"data": base64.b64encode(data).decode(), "format": kind}}
    assert ask.text([{"role": "user", "content": [{"type": "text", "text": wish}, sound]}], model=PHI4)
    assert len(opened) == 1
