"""The panel of lesson 08, used as a reader would: what it shows, and what it sends."""

from __future__ import annotations

import base64
import re
import wave
from io import BytesIO

import numpy as np
import pytest
import soundfile

from helpers import media_path
from helpers.mock.testing import Mock
from helpers.widgets import Panel, sound_panel
from helpers.widgets.sounds import Sound, read, waveform
from tests.helpers.widgets.conftest import Client, put

SOUND, _, WISH, START, END = range(5)  # the places of the controls


@pytest.fixture
def client(mock: Mock) -> Client:
    return Client(mock, "Phi-4-multimodal-instruct")


@pytest.fixture
def panel(client: Client) -> Panel:
    return sound_panel(client)


def said(panel: Panel) -> str:
    return panel.shown.text.partition("Answer: ")[2]


def tokens(panel: Panel) -> list[int]:
    """By the rule: of the whole, of what is kept."""
    found = re.search(r"tokens by the rule +(\d+) +(\d+)", panel.shown.text)
    assert found
    return [int(number) for number in found.groups()]


def sent(client: Client) -> tuple[str, float]:
    """The wish and the seconds of the last request."""
    text, audio = client.sent[-1]
    assert audio.input_audio.format == "wav"
    with wave.open(BytesIO(base64.b64decode(audio.input_audio.data))) as clip:
        return text.text, clip.getnframes() / clip.getframerate()


def test_a_clip_is_transcribed_and_its_cost_told(panel: Panel):
    assert said(panel) == "Hello. How are you?"
    assert tokens(panel) == [30, 30]
    assert "2.33" in panel.shown.text


def test_each_clip_as_mp3_says_what_it_says_as_wav(panel: Panel):
    panel.controls[SOUND].value = "train_at_nine.wav"
    assert said(panel) == "The train to Hamburg leaves at nine."
    panel.controls[SOUND].value = "train_at_nine.mp3"
    assert said(panel) == "The train to Hamburg leaves at nine."


def test_the_wish_decides_what_becomes_of_it(panel: Panel, client: Client):
    panel.controls[WISH].value = "Please translate this audio clip to Spanish."
    assert said(panel) == "Hola. ¿Cómo estás?"
    assert sent(client)[0] == "Please translate this audio clip to Spanish."


def test_silence_that_is_cut_off_costs_nothing_and_changes_nothing(panel: Panel, client: Client):
    panel.controls[END].value = 0.5
    assert tokens(panel) == [30, 23]
    assert sent(client)[1] == pytest.approx(1.83, abs=0.01)
    assert said(panel) == "Hello. How are you?"


def test_a_cut_into_the_speech_changes_what_is_heard(panel: Panel):
    panel.controls[START].value = 0.6
    assert "Hello" not in said(panel)


def test_when_nothing_is_left_the_panel_says_so_and_sends_nothing(panel: Panel, client: Client):
    before = len(client.sent)
    panel.controls[END].value = 3.0
    assert "Nothing is left" in panel.shown.text
    assert len(client.sent) == before


def test_an_uploaded_file_is_chosen_and_stays_in_the_list(panel: Panel):
    put(panel, "mine.mp3", media_path("train_at_nine.mp3").read_bytes())
    assert panel.controls[SOUND].value == "mine.mp3"
    assert said(panel) == "The train to Hamburg leaves at nine."
    panel.controls[SOUND].value = "hello_how_are_you.wav"
    assert said(panel) == "Hello. How are you?"
    assert "mine.mp3" in panel.controls[SOUND].options


def test_a_file_that_is_no_sound_is_refused_in_words(panel: Panel):
    put(panel, "photo <1>.wav", b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert "photo <1>.wav cannot be used. The bytes look like image/png" in panel.shown.text
    assert "<1>" not in panel.shown.html
    put(panel, "half.wav", b"RIFF\x00\x00\x00\x00WAVE" + bytes(10))
    assert "half.wav cannot be used. The sound cannot be decoded" in panel.shown.text


def test_what_the_service_refuses_stands_in_the_panel(mock: Mock):
    shown = sound_panel(Client(mock, "mistral-large-2407"))
    assert "input_audio" in shown.shown.text
    assert "422" in shown.shown.text


def test_two_channels_are_mixed_and_the_wav_is_the_same_sound():
    left = np.sin(np.arange(8000) / 5) / 2
    buffer = BytesIO()
    soundfile.write(buffer, np.column_stack([left, np.zeros(8000)]), 8000, format="WAV", subtype="PCM_16")
    sound = read(buffer.getvalue())
    assert (sound.seconds, sound.tokens) == (1.0, 13)
    assert np.abs(sound.samples - left / 2).max() < 1e-4
    assert np.abs(read(sound.wav).samples - sound.samples).max() < 1e-4


@pytest.mark.parametrize(("seconds", "tokens"), [(0.08, 1), (0.081, 2), (0.56, 7), (1.0, 13), (60.0, 750)])
def test_a_step_that_has_begun_counts(seconds: float, tokens: int):
    assert Sound(np.zeros(round(seconds * 1000)), 1000).tokens == tokens


def test_the_waveform_says_where_the_sound_is_and_what_is_cut():
    samples = np.zeros(4000)
    samples[1000:2000] = 0.5
    shown = waveform("<tone>.wav", Sound(samples, 1000))
    assert shown.text == "Waveform of <tone>.wav, 4.00 seconds: sound from 1.0 to 2.0 seconds, silence before and after"
    assert "&lt;tone&gt;" in shown.html
    assert "cut off are 1.0 at the start and 0.5 at the end" in waveform("t", Sound(samples, 1000), 1.0, 0.5).text
    assert "silence throughout" in waveform("t", Sound(np.zeros(4000), 1000)).text


def test_what_is_cut_is_drawn_in_another_colour():
    drawn = waveform("t", Sound(np.full(1200, 0.5), 1000), 0.3, 0.3).html
    source = re.search(r"base64,([^\"]+)", drawn)
    assert source
    drawing = base64.b64decode(source[1]).decode()
    colours = re.findall(r'fill="(.*?)"', drawing)
    assert len(colours) == 120
    assert colours[0] == colours[29] == colours[90] == colours[119]
    assert colours[30] == colours[60] == colours[89] != colours[0]
