"""What the browser edition is made of: pins, hashes, the lock, and the stand-ins beside what they stand in for."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import random
import re
import subprocess
import sys
import wave
from pathlib import Path
from types import ModuleType

import nbformat
import numpy as np
import pytest
import sentencepiece
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from commands.setup.environment import LESSONS
from commands.site.__main__ import parser
from commands.site.lite import contents, gather, pages_beside, wheels
from helpers.mock.model.writing.tokens import MODEL_FILE
from tests.support.lessons import LESSONS as NOTEBOOKS
from tests.support.places import ROOT

EDITION = ROOT / "commands" / "site" / "lite"


def standin(name: str) -> ModuleType:
    """A stand-in, imported beside the real package."""
    spec = importlib.util.spec_from_file_location(f"standin_{name}", EDITION / "standins" / name / "__init__.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# --- what stands beside the lessons ---


def test_every_link_of_a_lesson_leads_to_a_file_beside_it(tmp_path: Path):
    contents.write(tmp_path)
    for lesson in tmp_path.glob("*.ipynb"):
        cells = nbformat.read(lesson, as_version=4).cells
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
            assert (tmp_path / target.removeprefix("../")).is_file(), (lesson.name, target)
    assert (tmp_path / "recipes" / "stream_tool_calls.py").is_file()
    index = (tmp_path / "recipes" / "README.md").read_text("utf-8")
    assert "](../05-tools.ipynb)" in index
    assert not (tmp_path / "CHANGELOG.md").exists(), "no more than what a lesson or a recipe leads to"


def test_what_a_lesson_leads_to_is_a_page_of_the_site_where_it_has_pages(tmp_path: Path):
    here = ["--target", str(tmp_path)]
    assert pages_beside(parser().parse_args(["lite", *here])) == {}
    both = pages_beside(parser().parse_args(here))
    (tmp_path / "searchindex.js").touch()
    assert pages_beside(parser().parse_args(["lite", *here])) == both
    linked = {path.relative_to(ROOT).as_posix() for path in contents.linked()}
    assert linked - both.keys() == {"helpers/mock/data/filters.toml"}
    assert both["recipes/json_mode.py"] == "recipes/json_mode.html"
    assert both["recipes/json_mode_openai.py"] == "recipes/json_mode.html#with-the-openai-package"


# --- pins and hashes ---


def test_every_package_of_the_page_is_in_the_locks_once_and_for_python_3_14():
    names = [Requirement(block.partition(" \\")[0]).name for block in gather.locked()]
    assert sorted(names) == sorted(gather.PACKAGES["locked"] + gather.PACKAGES["locked-for-tests"])
    assert re.search(rf"^{gather.PACKAGES['built']}==", LESSONS.file.read_text("utf-8"), re.M)


def test_everything_that_is_fetched_has_its_hash():
    told = gather.PACKAGES
    assert all(len(base64.b64decode(digest)) == 64 for digest in told["npm"].values())
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in told["pyodide"]["wheels"].values())
    assert re.fullmatch(r"[0-9a-f]{64}", told["pyodide"]["carrier-sha256"])
    assert all("--hash=sha256:" in block for block in gather.locked())


def test_a_wheel_of_pyodides_that_is_another_one_is_refused(tmp_path: Path):
    given_folder = tmp_path / "dist"
    given_folder.mkdir()
    with pytest.raises(gather.MissingError, match="has no numpy"):
        gather.pyodide_wheels(tmp_path / "cache", given_folder)
    for name in gather.PACKAGES["pyodide"]["wheels"]:
        (given_folder / name).write_bytes(b"something else")
    with pytest.raises(gather.MissingError, match="is not Pyodide's own"):
        gather.pyodide_wheels(tmp_path / "cache", given_folder)
    assert not list((tmp_path / "cache").glob("*.whl"))


def test_without_npm_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(gather.MissingError, match=r"install Node\.js"):
        gather.npm_package("pyodide", tmp_path / "npm")


# --- the lock ---


def test_the_lock_names_each_wheel_with_what_it_needs_in_a_page(tmp_path: Path):
    wheels.write_wheel(tmp_path, "one", "1.0", {"one/__init__.py": b"", "one_too.py": b""})
    wheels.write_wheel(tmp_path, "two", "2.0", {"two.py": b""})
    first = (tmp_path / "one-1.0-py3-none-any.whl").read_bytes()
    wheels.write_wheel(tmp_path, "one", "1.0", {"one/__init__.py": b"", "one_too.py": b""})
    assert (tmp_path / "one-1.0-py3-none-any.whl").read_bytes() == first  # whenever it is made
    lock, used = wheels.lock(sorted(tmp_path.glob("*.whl")) * 2, {"python": "3.14.2"})
    assert len(used) == 2
    assert lock["packages"]["one"]["imports"] == ["one", "one_too"]
    assert lock["packages"]["two"]["file_name"] == "two-2.0-py3-none-any.whl"
    json.dumps(lock)


def test_a_need_that_nothing_meets_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(gather.PACKAGES["needs"], "one", ["nowhere"])
    wheels.write_wheel(tmp_path, "one", "1.0", {"one.py": b""})
    with pytest.raises(gather.MissingError, match="one needs nowhere"):
        wheels.lock(tmp_path.glob("*.whl"), {})


@pytest.mark.parametrize(
    ("marker", "wanted"),
    [("", True), ("sys_platform == 'win32'", False), ("python_version < '3.13'", False), ("os_name == 'posix'", True)],
)
def test_a_marker_is_read_as_it_is_in_a_page(marker: str, wanted: bool):
    assert gather.applies(marker) == wanted


# --- the stand-ins ---


@pytest.fixture(scope="module")
def both() -> tuple[sentencepiece.SentencePieceProcessor, ModuleType]:
    model = str(MODEL_FILE)
    ours = standin("sentencepiece").SentencePieceProcessor(model_file=model)
    return sentencepiece.SentencePieceProcessor(model_file=model), ours


def test_the_tokenizer_gives_the_ids_of_sentencepiece_for_all_that_the_lessons_say(both):
    real, ours = both
    texts = [cell.source for path in NOTEBOOKS for cell in nbformat.read(path, as_version=4).cells]
    assert sum(map(len, texts)) > 100_000
    for text in texts:
        assert ours.encode(text) == real.encode(text), text[:80]


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text("abel  \n\t09é漢😀[]_▁", max_size=60))
def test_and_for_any_text(both, text: str):
    real, ours = both
    assert ours.encode(text) == real.encode(text)


def test_it_knows_its_pieces(both):
    real, ours = both
    assert ours.vocab_size() == real.vocab_size()
    for token in random.Random(0).sample(range(real.vocab_size()), 500):
        assert ours.id_to_piece(token) == real.id_to_piece(token)
        assert (ours.is_byte(token), ours.is_control(token), ours.is_unknown(token)) == (
            real.is_byte(token),
            real.is_control(token),
            real.is_unknown(token),
        )


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_is_read_as_libsndfile_reads_it(width: int, channels: int):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(8000)
        sound.writeframes(random.Random(width).randbytes(300 * width * channels))
    mine, rate = standin("soundfile").read(io.BytesIO(file.getvalue()), dtype="float32", always_2d=True)
    theirs, expected = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32", always_2d=True)
    assert rate == expected
    assert mine.shape == theirs.shape
    assert np.allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_and_as_whole_numbers(width: int):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(width)
        sound.setframerate(8000)
        sound.writeframes(random.Random(width).randbytes(300 * width))
    mine, theirs = (
        reader.read(io.BytesIO(file.getvalue()), dtype="int16")[0] for reader in (standin("soundfile"), soundfile)
    )
    assert np.array_equal(mine, theirs)


def test_and_written_as_libsndfile_writes_it():
    samples = np.array([0, 1, -1, 32767, -32768, 5000], "<i2")
    mine, theirs = io.BytesIO(), io.BytesIO()
    standin("soundfile").write(mine, samples, 16000, format="WAV")
    soundfile.write(theirs, samples, 16000, format="WAV")
    assert np.array_equal(*(soundfile.read(io.BytesIO(file.getvalue()), dtype="int16")[0] for file in (mine, theirs)))
    with pytest.raises(RuntimeError, match="not FLAC"):
        standin("soundfile").write(io.BytesIO(), samples, 16000, format="FLAC")


def test_what_is_no_wav_is_an_error_of_the_same_name():
    broken = standin("soundfile")
    with pytest.raises(broken.LibsndfileError):
        broken.read(io.BytesIO(b"RIFF and nothing"))


def test_maps_lists_and_sets_are_changed_in_copies():
    rpds = standin("rpds")
    first = rpds.HashTrieMap({"a": 1})
    second = first.insert("b", 2).update({"c": 3})
    assert (dict(first), dict(second)) == ({"a": 1}, {"a": 1, "b": 2, "c": 3})
    assert dict(second.remove("a")) == {"b": 2, "c": 3}
    assert first.discard("nothing") is first
    assert hash(rpds.HashTrieMap({"a": 1})) == hash(first)
    assert list(rpds.List([1, 2]).push_front(0)) == [0, 1, 2]
    assert rpds.List([1, 2]).drop_first() == rpds.List([2])
    assert set(rpds.HashTrieSet([1]).insert(2).discard(1)) == {2}
    with pytest.raises(KeyError):
        rpds.HashTrieSet([1]).remove(3)


def test_the_schemas_of_a_lesson_are_checked_with_the_stand_in(monkeypatch: pytest.MonkeyPatch):
    code = "import sys; sys.path.insert(0, sys.argv[1]); import rpds, jsonschema; assert 'standins' in rpds.__file__;"
    code += "v = jsonschema.Draft202012Validator({'$defs': {'n': {'type': 'integer'}}, '$ref': '#/$defs/n'});"
    code += "assert v.is_valid(1) and not v.is_valid('1')"
    done = subprocess.run([sys.executable, "-c", code, str(EDITION / "standins")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
