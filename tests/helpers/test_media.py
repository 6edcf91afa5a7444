"""The course's media helpers: whatever the source, the right data URL; errors that say what to do."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from helpers import media
from helpers.display import Rich
from helpers.media import data_url, media_address, media_path, picture, play, sound_base64
from tests.support.places import MEDIA, ROOT

CHART = (MEDIA / "chart.png").read_bytes()


def content(url: str) -> tuple[str, bytes]:
    head, payload = url.split(",", 1)
    return head, base64.b64decode(payload, validate=True)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The course's media over http, on a free port."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    handler = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(MEDIA))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


# --- sources


def test_a_file_of_the_course_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert content(data_url("chart.png")) == ("data:image/png;base64", CHART)
    assert data_url(Path("chart.png")) == data_url(MEDIA / "chart.png") == data_url(CHART)


def test_a_file_in_the_current_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (3, 3)).save(tmp_path / "chart.png")
    assert data_url("chart.png") != data_url(CHART)


def test_a_pil_image_is_sent_as_png():
    head, data = content(data_url(Image.new("RGB", (7, 5), "red")))
    assert head == "data:image/png;base64"
    assert Image.open(BytesIO(data)).size == (7, 5)


def test_a_picture_for_print_is_sent_in_rgb():
    _, data = content(data_url(Image.new("CMYK", (7, 5))))
    assert Image.open(BytesIO(data)).mode == "RGB"


def test_an_address_is_fetched(site: str):
    assert data_url(f"{site}/chart.png") == data_url(CHART)
    assert sound_base64(f"{site}/hello_how_are_you.mp3")[1] == "mp3"


def test_an_address_that_does_not_answer_is_named(site: str):
    with pytest.raises(OSError, match=f"{site}/missing.png cannot be fetched.*404"):
        data_url(f"{site}/missing.png")


def test_an_address_with_too_much_is_refused(site: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(media, "MAX_BYTES", 1_000)
    with pytest.raises(ValueError, match=r"more than 1,000 bytes"):
        data_url(f"{site}/chart.png")
    with pytest.raises(ValueError, match=r"chart.png has [\d,]+ bytes; at most 1,000"):
        data_url("chart.png")
    with pytest.raises(ValueError, match=r"at most 1,000"):
        data_url(CHART)


def test_a_missing_file_comes_with_the_list_of_those_there_are():
    with pytest.raises(FileNotFoundError, match=r"'charts.png'.*chart\.png, hello_how_are_you\.mp3"):
        data_url("charts.png")


def test_something_else_is_a_type_error():
    with pytest.raises(TypeError, match="not int"):
        data_url(42)  # pyright: ignore[reportArgumentType]


# --- types


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_the_media_type_comes_from_the_content_not_from_the_name(kind: str, tmp_path: Path):
    path = tmp_path / "wrong.bmp"
    Image.new("RGB", (8, 8), "blue").save(path, format=kind)
    assert data_url(path).startswith(f"data:image/{kind};base64,")


@pytest.mark.parametrize(("kind", "media_type"), [("wav", "audio/wav"), ("mp3", "audio/mpeg")])
def test_sounds_have_their_type_and_format(kind: str, media_type: str):
    data = media_path(f"train_at_nine.{kind}").read_bytes()
    assert content(data_url(data)) == (f"data:{media_type};base64", data)
    text, form = sound_base64(data)
    assert (base64.b64decode(text), form) == (data, kind)


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"BM" + b"\0" * 20, "look like image/bmp"),
        (b"<!DOCTYPE html><html>", "look like an HTML page"),
        (b"OggS\0\0", "look like audio/ogg"),
        (b"hello there", "no known type"),
        (b"", "are none"),
    ],
)
def test_bytes_of_another_type_are_named(data: bytes, looks: str):
    with pytest.raises(ValueError, match=looks):
        data_url(data)


def test_a_picture_is_no_sound_and_a_sound_no_picture():
    with pytest.raises(ValueError, match="look like image/png; needed is one of audio/wav, audio/mpeg"):
        sound_base64("chart.png")
    with pytest.raises(ValueError, match="look like audio/wav; needed is one of image/png"):
        picture("train_at_nine.wav", alt="a sound")


# --- paths and addresses


def test_every_file_of_the_course_has_a_path():
    assert media_path("chart.png") == MEDIA / "chart.png"


@pytest.mark.parametrize("name", ["nothing.png", "../01-basics.ipynb", "../media/chart.png", ""])
def test_only_the_courses_own_files_have_a_path(name: str):
    with pytest.raises(FileNotFoundError, match=r"There are: chart\.png"):
        media_path(name)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8008", "http://127.0.0.1:8008/models/"])
def test_the_address_is_below_the_endpoint(endpoint: str, monkeypatch: pytest.MonkeyPatch):
    expected = f"{endpoint.rstrip('/')}/_mock/media/chart.png"
    assert media_address("chart.png", endpoint) == expected
    monkeypatch.setenv("AZURE_INFERENCE_ENDPOINT", endpoint)
    assert media_address("chart.png") == expected


def test_an_address_needs_an_endpoint_and_a_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AZURE_INFERENCE_ENDPOINT", raising=False)
    with pytest.raises(ValueError, match=r"call connect\(\) first"):
        media_address("chart.png")
    with pytest.raises(ValueError, match="not an http"):
        media_address("chart.png", "127.0.0.1:8008")
    with pytest.raises(FileNotFoundError):
        media_address("nothing.png", "http://127.0.0.1:8008")


# --- in the notebook


def attributes(shown: Rich) -> tuple[str, dict[str, str | None]]:
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))
    parser.feed(shown.html)
    assert len(found) == 1
    return found[0]


def test_a_picture_carries_its_alt_text():
    shown = picture("chart.png", alt='Size & "quality" of <models>', width=600)
    tag, found = attributes(shown)
    assert (tag, found["alt"], found["width"]) == ("img", 'Size & "quality" of <models>', "600")
    assert found["src"] == data_url("chart.png")
    assert repr(shown) == 'Size & "quality" of <models>'


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_picture_without_alt_text_is_refused(alt: str):
    with pytest.raises(ValueError, match="what the picture shows"):
        picture("chart.png", alt=alt)


def test_a_player_waits_and_has_a_label():
    tag, found = attributes(play("hello_how_are_you.mp3"))
    assert (tag, found["aria-label"], found["src"]) == (
        "audio",
        "hello_how_are_you.mp3",
        data_url("hello_how_are_you.mp3"),
    )
    assert "controls" in found
    assert "autoplay" not in found
    assert repr(play(MEDIA / "train_at_nine.wav", label="A sentence")) == "[A sentence]"
    assert attributes(play(media_path("train_at_nine.wav").read_bytes()))[1]["aria-label"] == "Audio clip"


def test_what_is_shown_is_the_same_every_time():
    assert play("train_at_nine.mp3") == play("train_at_nine.mp3")
    assert picture("shapes.png", "Three shapes") == picture("shapes.png", "Three shapes")


# --- weight


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("helpers.media", ("PIL", "IPython", "numpy", "helpers.mock.service")),
        ("helpers.mock.media.pictures", ("PIL",)),
        ("helpers.mock.media.sounds", ("PIL", "numpy", "soundfile")),
    ],
)
def test_importing_loads_no_heavy_library(module: str, absent: tuple[str, ...]):
    code = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
