"""Embeddings: near things get near vectors, formats keep what they promise, and a retrieval task says how well."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from helpers.mock.data import table
from helpers.mock.media.pictures import decoded
from helpers.mock.model.reading import lexicon
from helpers.mock.model.vectors.vectors import embed_picture, embed_text, encode, look_at
from tests.support.places import MEDIA, ROOT
from tests.support.retrieval import RETRIEVAL, SETS, embedding, figures, hashed, weighed_words

words = st.lists(st.sampled_from(["the", "cat", "sat", "on", "mat", "invoice", "42", "🐱", "東京"]))
texts = st.text(max_size=60) | words.map(" ".join)


def cosine(left: str, right: str, dimensions: int = 1536) -> float:
    return float(embed_text(left, dimensions=dimensions) @ embed_text(right, dimensions=dimensions))


# What a vector is


@settings(max_examples=30, deadline=None)
@given(texts, st.integers(1, 3100), st.sampled_from(["text", "query", "document"]))
def test_every_text_has_a_vector_of_length_one_and_always_the_same(text: str, dimensions: int, input_type: str) -> None:
    vector = embed_text(text, dimensions=dimensions, input_type=input_type)
    assert vector.shape == (dimensions,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    assert (vector == embed_text(text, dimensions=dimensions, input_type=input_type)).all()


@settings(max_examples=30, deadline=None)
@given(texts, st.integers(8, 1536), st.integers(0, 1600))
def test_a_shorter_vector_is_the_beginning_of_a_longer_one(text: str, dimensions: int, more: int) -> None:
    beginning = embed_text(text, dimensions=dimensions + more)[:dimensions]
    scaled = beginning / np.linalg.norm(beginning)
    assert np.allclose(scaled, embed_text(text, dimensions=dimensions), atol=1e-6)


def test_a_vector_is_the_same_in_every_process() -> None:
    """No seed of Python's hashes, no thread and no order of requests shows in it."""
    code = (
        "import hashlib\nfrom helpers.mock.model.vectors.vectors import embed_text\n"
        "embed_text('something else first', dimensions=64)\n"
        "print(hashlib.sha256(embed_text('Das ist 東京 🐱, a kitten', dimensions=1536).tobytes()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1


@settings(max_examples=20, deadline=None)
@given(texts, texts)
def test_different_texts_have_different_vectors(left: str, right: str) -> None:
    same = (embed_text(left, dimensions=256) == embed_text(right, dimensions=256)).all()
    assert same == (left == right)


@settings(max_examples=20, deadline=None)
@given(st.lists(texts, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_vectors_of_a_batch_do_not_depend_on_its_order(batch: list[str], random: Any) -> None:
    first = {text: embed_text(text, dimensions=64).tolist() for text in batch}
    random.shuffle(batch)
    assert first == {text: embed_text(text, dimensions=64).tolist() for text in batch}


@pytest.mark.parametrize("text", ["", " \n", "!?", "\x00", "\ud800", "🐱" * 50, "Ünïcödé", "ٱلْعَرَبِيَّة", "हिन्दी", "𝕋𝕖𝕩𝕥"])
def test_no_text_is_too_strange(text: str) -> None:
    assert np.isfinite(embed_text(text, dimensions=1024)).all()


def test_a_vector_has_at_least_one_dimension() -> None:
    with pytest.raises(ValueError, match="one dimension or more"):
        embed_text("x", dimensions=0)


# What it means


@pytest.mark.parametrize(
    ("left", "near", "far"),
    [
        ("kitten", "cat", "invoice"),
        ("cat", "dog", "invoice"),
        ("Please pay the bill", "The invoice is due", "The train is late"),
        ("The children are playing", "A child played", "The stock market fell"),
        ("running shoes", "shoes for runners", "a kitchen knife"),
        ("invocie", "invoice", "voice"),
        ("Berlin", "Germany", "Japan"),
        ("How old are you?", "What is your age?", "Where do you live?"),
        ("How is the weather in Oslo?", "weather forecast for Norway", "population of Norway"),
        ("SELECT id FROM users WHERE age > 30", "a query on a database table", "a letter to a friend"),
        ("I love this film", "I love this movie", "I love this soup"),
        ("🐱", "a cat", "a dog"),
        ("東京は日本の首都です", "日本の首都は東京", "明日は雨が降る"),
        ("NullPointerException", "null pointer exception", "sunny weather"),
    ],
)
def test_near_texts_are_nearer(left: str, near: str, far: str) -> None:
    assert cosine(left, near) > cosine(left, far) + 0.1


@pytest.mark.parametrize(("left", "right"), [("hot", "cold"), ("big", "small"), ("happy", "sad"), ("buy", "sell")])
def test_opposites_are_related_but_not_the_same(left: str, right: str) -> None:
    assert cosine(left, right) < 0.5


def test_a_denial_is_seen_though_not_as_the_opposite() -> None:
    assert 0.8 < cosine("I like this film", "I do not like this film") < 0.99


@pytest.mark.parametrize(
    ("other", "least"),
    [("THE CAT SAT ON THE MAT!", 0.99), ("on the mat sat the cat", 0.97), ("Cats sit on their mats.", 0.75)],
)
def test_inflection_order_and_case_hardly_matter(other: str, least: float) -> None:
    assert cosine("The cat sat on the mat", other) > least


def test_unrelated_documents_are_almost_at_a_right_angle() -> None:
    vectors = np.stack([embedding(1536)(text) for text in RETRIEVAL["documents"].values()])
    cosines = (vectors @ vectors.T)[~np.eye(len(vectors), dtype=bool)]
    assert abs(np.median(cosines)) < 0.08
    assert np.mean(cosines > 0.5) < 0.02


def test_the_first_dimensions_carry_most() -> None:
    vectors = np.stack([embedding(1536)(text) for text in RETRIEVAL["documents"].values()])
    share = (vectors**2)[:, :576].sum(axis=1)
    assert share.min() > 2 * 576 / 1536 * 0.7
    assert share.mean() > 2 * 576 / 1536


def test_input_types_move_a_vector_a_little() -> None:
    text, query, document = (
        embed_text("a cat on a mat", dimensions=1024, input_type=kind) for kind in ("text", "query", "document")
    )
    for left, right in ((text, query), (text, document), (query, document)):
        assert 0.97 < left @ right < 0.995
    with pytest.raises(ValueError, match="image"):
        embed_text("x", dimensions=8, input_type="image")


# How well it finds


@pytest.mark.parametrize(
    ("which", "first", "third", "mean"),
    [
        ("tuning", 0.75, 0.9, 0.85),
        ("held_out", 0.75, 0.9, 0.85),
        ("seen", 0.55, 0.8, 0.7),
        ("blind", 0.25, 0.35, 0.35),
    ],
)
def test_the_right_document_is_found(which: str, first: float, third: float, mean: float) -> None:
    found = figures(which, embedding(1536), embedding(1536))
    assert found[0] >= first
    assert found[1] >= third
    assert found[2] >= mean


@pytest.mark.parametrize("which", SETS)
def test_meaning_finds_more_than_words_alone(which: str) -> None:
    found = figures(which, embedding(1536), embedding(1536))
    assert found[2] > 2 * figures(which, hashed, hashed)[2]
    assert found[2] > 1.4 * figures(which, weighed_words, weighed_words)[2]


@pytest.mark.parametrize("which", SETS)
def test_marked_queries_find_marked_documents_as_well(which: str) -> None:
    marked = figures(which, embedding(1024, "document"), embedding(1024, "query"))
    assert marked[2] >= figures(which, embedding(1024), embedding(1024))[2] - 0.05


@pytest.mark.parametrize("which", SETS)
def test_a_sixth_of_the_dimensions_finds_most_of_it(which: str) -> None:
    short = figures(which, embedding(256), embedding(256))
    assert short[2] >= 0.75 * figures(which, embedding(1536), embedding(1536))[2]


def test_the_retrieval_task_is_well_formed() -> None:
    answers = [{row["answer"] for row in RETRIEVAL[which]} for which in SETS]
    assert set.union(*answers) <= set(RETRIEVAL["documents"])
    assert sum(map(len, answers)) == len(set.union(*answers))


# The lexicon


def test_the_lexicon_fits_into_the_vector_and_names_only_topics_that_exist() -> None:
    topics = table("concepts.toml")["topic"]
    assert {kin for row in topics.values() for kin in row.get("kin", ())} <= set(topics)
    assert len(topics) <= 64
    assert sum(len(row["concepts"]) for row in topics.values()) <= 512


@pytest.mark.parametrize(
    ("left", "right"),
    [("kittens", "kitten"), ("baking", "bakes"), ("stopped", "stopping"), ("cities", "city"), ("boxes", "box")],
)
def test_the_forms_of_a_word_have_one_stem(left: str, right: str) -> None:
    assert lexicon.stem(left) == lexicon.stem(right)


@pytest.mark.parametrize("word", ["flower", "corner", "glass", "bus", "this", "ring", "bed", "x"])
def test_what_only_looks_like_an_ending_stays(word: str) -> None:
    assert lexicon.stem(word) == word


# Formats


@settings(max_examples=20, deadline=None)
@given(texts, st.integers(1, 1536))
def test_each_format_keeps_the_vector_within_its_precision(text: str, dimensions: int) -> None:
    vector = embed_text(text, dimensions=dimensions)
    assert encode(vector, "float") == vector.tolist()
    packed = encode(vector, "base64")
    assert isinstance(packed, str)
    assert (np.frombuffer(base64.b64decode(packed), "<f4") == vector.astype("f4")).all()

    signed, unsigned = np.array(encode(vector, "int8")), np.array(encode(vector, "uint8"))
    assert signed.min() >= -128
    assert signed.max() <= 127
    assert (unsigned - 128 == signed).all()
    step = 8 / np.sqrt(dimensions) / 127
    inside = np.abs(vector) < 127 * step
    assert np.allclose((signed * step)[inside], vector[inside], atol=step / 2 + 1e-9)

    bits, shifted = np.array(encode(vector, "ubinary")), np.array(encode(vector, "binary"))
    assert len(bits) == -(-dimensions // 8)
    assert (shifted == bits - 128).all()
    assert (np.unpackbits(bits.astype(np.uint8))[:dimensions] == (vector > 0)).all()


@pytest.mark.parametrize(
    ("encoding_format", "expected"),
    [
        ("float", [0.6, -0.8, 0.0]),
        ("base64", "mpkZP83MTL8AAAAA"),
        ("int8", [16, -22, 0]),
        ("uint8", [144, 106, 128]),
        ("ubinary", [128]),
        ("binary", [0]),
    ],
)
def test_formats_by_example(encoding_format: str, expected: object) -> None:
    assert encode(np.array([0.6, -0.8, 0.0]), encoding_format) == expected


@pytest.mark.parametrize("encoding_format", ["int8", "ubinary"])
def test_compressed_vectors_still_find(encoding_format: str) -> None:
    def compressed(text: str) -> np.ndarray:
        numbers = np.array(encode(embed_text(text, dimensions=1024), encoding_format))
        bits = numbers if encoding_format == "int8" else np.unpackbits(numbers.astype(np.uint8)) * 2.0 - 1
        return bits / np.linalg.norm(bits)

    assert figures("held_out", compressed, compressed)[2] > 0.75


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="float16"):
        encode(np.ones(1), "float16")


# Pictures


def drawn(colour: str, ground: str = "white", size: tuple[int, int] = (320, 200)) -> Image.Image:
    image = Image.new("RGB", size, ground)
    ImageDraw.Draw(image).ellipse((30, 20, size[0] - 30, size[1] - 20), fill=colour)
    return image


def photo() -> Image.Image:
    """Soft shades with grain, as a photograph has."""
    y, x = np.mgrid[0:300, 0:400]
    waves = np.stack([120 + 100 * np.sin(x / 70 + y / 150), 100 + 80 * np.cos(y / 50), 90 + x / 4], axis=-1)
    grain = np.random.default_rng(3).normal(0, 8, waves.shape)
    return Image.fromarray((waves + grain).clip(0, 255).astype(np.uint8))


def embed_file(data: bytes, text: str | None = None) -> np.ndarray:
    return embed_picture(look_at(data, decoded(data)), text=text, dimensions=1024)


def embedded(image: Image.Image, kind: str = "PNG", text: str | None = None, **options: Any) -> np.ndarray:
    out = BytesIO()
    image.save(out, kind, **options)
    return embed_file(out.getvalue(), text)


def said(text: str) -> np.ndarray:
    return embed_text(text, dimensions=1024)


COLOURS = ("red", "yellow", "green", "blue", "black", "hotpink")


@pytest.mark.parametrize("colour", COLOURS)
def test_the_picture_of_a_colour_is_nearest_to_the_words_for_it(colour: str) -> None:
    pictures = {name: embedded(Image.new("RGB", (64, 48), name)) for name in COLOURS}
    assert (
        max(COLOURS, key=lambda name: float(pictures[name] @ said(f"a {colour.removeprefix('hot')} picture"))) == colour
    )
    assert (
        max(COLOURS, key=lambda name: float(pictures[colour] @ said(f"a {name.removeprefix('hot')} picture"))) == colour
    )


def test_light_and_format_can_be_asked_for() -> None:
    dark, bright = embedded(Image.new("RGB", (90, 60), "#101010")), embedded(Image.new("RGB", (90, 60), "#f8f8f8"))
    assert dark @ said("a dark picture") > bright @ said("a dark picture")
    tall, wide = embedded(drawn("red", size=(100, 300))), embedded(drawn("red", size=(300, 100)))
    assert tall @ said("portrait format, upright") > wide @ said("portrait format, upright")
    assert embedded(photo()) @ said("a photograph") > embedded(drawn("blue")) @ said("a photograph")


@pytest.mark.parametrize(
    "copy",
    [
        lambda image: embedded(image.resize((150, 112))),
        lambda image: embedded(image, "JPEG", quality=25),
        lambda image: embedded(image.crop((12, 8, 392, 294))),
    ],
)
def test_a_copy_of_a_picture_stays_near(copy: Callable[[Image.Image], np.ndarray]) -> None:
    image = photo()
    original = embedded(image)
    assert original @ copy(image) > 0.9
    assert original @ copy(image) > original @ embedded(ImageOps.mirror(image)) + 0.05
    assert original @ copy(image) > original @ embedded(drawn("red")) + 0.3


def test_the_course_pictures_are_found_by_what_they_show() -> None:
    chart = embed_file((MEDIA / "chart.png").read_bytes())
    shapes = embed_file((MEDIA / "shapes.png").read_bytes())
    about_chart, about_shapes = said("a scatter chart of model size and quality"), said("a circle and a triangle")
    assert chart @ about_chart > shapes @ about_chart + 0.1
    assert shapes @ about_shapes > chart @ about_shapes + 0.1
    assert max(chart @ said("an unpaid invoice"), shapes @ said("an unpaid invoice")) < 0.15


def test_the_text_of_a_picture_counts() -> None:
    plain, named = embedded(drawn("orange")), embedded(drawn("orange"), text="my cat")
    assert abs(plain @ said("a kitten")) < 0.1
    assert named @ said("a kitten") > 0.25
    assert plain @ named > 0.5


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16"])
def test_every_kind_of_pixel_has_a_vector(mode: str) -> None:
    vector = embedded(Image.new(mode, (1, 1)))
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


# Cost


def test_loading_the_module_loads_no_numpy() -> None:
    code = "import sys, helpers.mock.model.vectors.vectors; print({'numpy', 'PIL'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "set()"


def test_short_texts_take_no_time_and_the_longest_not_long() -> None:
    """Processor time, so that a busy machine does not matter; five times what is measured."""
    text = "My travel document has expired and I would like to know how I can get a new one before my holiday starts"
    embed_text(text, dimensions=1536)
    start = time.process_time()
    for _ in range(100):
        embed_text(text, dimensions=1536)
    assert time.process_time() - start < 0.3
    start = time.process_time()
    embed_text("".join(map(chr, range(0x4E00, 0x9E00))) * 5, dimensions=1536)
    embed_text("x" * 100_000, dimensions=1536)
    assert time.process_time() - start < 3
