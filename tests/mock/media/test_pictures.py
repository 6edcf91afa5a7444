"""Pictures in a prompt: what is refused and how, what one costs, which are recognised, how others are described."""

from __future__ import annotations

import base64
import csv
import importlib.util
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from helpers.mock.errors import ApiError
from helpers.mock.media import pictures
from helpers.mock.media.pictures import Picture
from helpers.mock.model.lessons import entries
from tests.support.places import MEDIA

CHART = (MEDIA / "chart.png").read_bytes()
SHAPES = (MEDIA / "shapes.png").read_bytes()


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def seen(data: bytes) -> Picture:
    return Picture.of(pictures.decoded(data))


def refusal(call: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


# --- decoding


def test_the_chart_is_read_with_its_size():
    assert pictures.decoded(CHART, declared="image/png").size == (1900, 1069)
    assert len(CHART) < 250_000


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_four_formats_are_read_whatever_they_are_called(kind: str):
    data = encode(opened(SHAPES), kind.upper())
    assert seen(data).name == "shapes"
    assert pictures.decoded(data, declared=f"IMAGE/{kind}").size == (640, 480)


def test_image_jpg_passes_for_jpeg():
    assert pictures.decoded(encode(opened(SHAPES), "JPEG"), declared="image/jpg").size == (640, 480)


def test_of_an_animation_the_first_frame_counts():
    first, second = opened(SHAPES), Image.new("RGB", (640, 480), "black")
    data = encode(first, "GIF", save_all=True, append_images=[second])
    assert seen(data).width == 640
    assert seen(data).name == "shapes"


@pytest.mark.parametrize("declared", ["image/jpeg", "image/jpg", "text/plain"])
def test_a_wrong_label_is_refused_with_both_types(declared: str):
    error = refusal(lambda: pictures.decoded(CHART, declared=declared, loc=("body", "messages", 0)))
    assert (error.kind, error.status, error.loc) == ("image_mislabelled", 400, ("body", "messages", 0))
    assert declared in error.message
    assert "image/png" in error.message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"not a picture at all", "no picture"),
        (CHART[:5000], "image/png"),
        (CHART[:20], "image/png"),
        (CHART[:3000] + b"\0" * 100 + CHART[3100:], "image/png"),
        (encode(opened(SHAPES), "JPEG")[:2000], "image/jpeg"),
    ],
    ids=["empty", "text", "cut off", "header only", "damaged", "jpeg cut off"],
)
def test_a_broken_picture_is_refused_with_the_reason(data: bytes, reason: str):
    error = refusal(lambda: pictures.decoded(data))
    assert (error.kind, error.status) == ("image_broken", 400)
    assert reason in error.message


@pytest.mark.parametrize(
    ("data", "name"),
    [(encode(Image.new("RGB", (9, 9)), "BMP"), "image/bmp"), (b"<svg xmlns=''/>", "svg"), (b"%PDF-1.7", "pdf")],
)
def test_another_format_is_refused_by_its_name(data: bytes, name: str):
    error = refusal(lambda: pictures.decoded(data))
    assert (error.kind, error.status) == ("image_unsupported", 415)
    assert name in error.message


def test_too_many_bytes_are_refused_with_both_numbers():
    error = refusal(lambda: pictures.decoded(CHART, max_bytes=10_000))
    assert (error.kind, error.status) == ("image_too_large", 413)
    assert f"{len(CHART):,}" in error.message
    assert "10,000" in error.message


@pytest.mark.parametrize("side", [7_000, 12_000, 60_000])
@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side: int):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    # Its pixels are missing: decoding would call it broken, so "too large" shows that nothing was decoded.
    error = refusal(lambda: pictures.decoded(b"\x89PNG\r\n\x1a\n" + body))
    assert error.kind == "image_too_large"
    assert "40,000,000" in error.message


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, len(SHAPES) - 1), junk=st.binary(min_size=1, max_size=40), cut=st.booleans())
def test_damaged_bytes_end_in_a_picture_or_a_refusal(position: int, junk: bytes, cut: bool):
    data = SHAPES[:position] + junk + (b"" if cut else SHAPES[position + len(junk) :])
    try:
        assert pictures.decoded(data).width
    except ApiError as error:
        kind = error.kind
    else:
        kind = None
    assert kind in (None, "image_broken", "image_too_large", "image_unsupported")


# --- data URLs


def test_a_data_url_gives_type_and_bytes():
    url = "data:image/PNG;charset=x;base64," + base64.b64encode(CHART).decode()
    assert pictures.parse_data_url(url) == ("image/png", CHART)


def test_line_breaks_in_base64_are_skipped():
    assert pictures.parse_data_url("data:image/gif;base64,R0lG\r\nODlh ")[1] == b"GIF89a"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("data:image/png;base64", "comma"),
        ("data:;base64,AAAA", "media type"),
        ("data:image/png,AAAA", ";base64"),
        ("data:application/pdf;base64,AAAA", "no picture's media type"),
        ("data:image/png;base64,", "no data"),
        ("data:image/png;base64,iVBOR", "padded"),
        ("data:image/png;base64,iVB=RwAA", "padded"),
        ("data:image/png;base64,iV%2BBOR", "'%' at position 2"),
        ("data:image/png;base64,_-AA", "URL-safe"),
    ],
)
def test_a_data_url_that_cannot_be_read_says_why(url: str, reason: str):
    error = refusal(lambda: pictures.parse_data_url(url))
    assert (error.kind, error.status) == ("image_data_url", 400)
    assert reason in error.message


@pytest.mark.parametrize("address", ["https://example.org/a.png", "chart.png", "file:///etc/passwd", ""])
def test_an_address_is_not_fetched(address: str):
    error = refusal(lambda: pictures.parse_data_url(address))
    assert (error.kind, error.given) == ("image_address", address)


def test_a_long_value_is_shortened_in_the_refusal():
    error = refusal(lambda: pictures.parse_data_url("data:image/png;base64," + "A" * 100_001))
    assert len(str(error.given)) < 120


# --- cost


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (1900, 1069, 2353),  # what the published usage figures come to
        (950, 535, 2353),  # shrinking saves nothing
        (1069, 1900, 2353),  # turning neither
        (336, 336, 2509),
        (1, 1, 2509),
        (640, 480, 1921),
        (1, 10_000, 2473),
        (10_000, 1, 2473),
    ],
)
def test_a_picture_costs_what_its_shape_says(width: int, height: int, tokens: int):
    assert pictures.picture_tokens(width, height) == tokens


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_no_picture_costs_more_than_sixteen_crops(width: int, height: int):
    tokens = pictures.picture_tokens(width, height)
    assert 144 * 2 < tokens <= 17 * 144 + 1 + 17 * 12
    assert tokens == pictures.picture_tokens(height, width)


# --- recognition


@pytest.mark.parametrize("name", ["chart", "shapes"])
def test_the_stored_thumbnails_are_those_of_the_files(name: str):
    known = pictures.known_pictures()[name]
    new = seen((MEDIA / known["file"]).read_bytes()).thumbnail
    # Compared as pixels: another zlib packs the same pixels into other bytes.
    stored, made = (opened(base64.b64decode(text)).tobytes() for text in (known["thumbnail"], new))
    assert stored == made, f"write this thumbnail into helpers/mock/data/media.toml: {new}"


def shrunk(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, round(width * image.height / image.width)), Image.Resampling.LANCZOS)


VARIANTS: dict[str, Callable[[Image.Image], bytes]] = {
    "half the size": lambda image: encode(shrunk(image, image.width // 2), "PNG"),
    "200 wide": lambda image: encode(shrunk(image, 200), "PNG"),
    "200 wide, nearest": lambda image: encode(image.resize((200, 200 * image.height // image.width), 0), "PNG"),
    "square": lambda image: encode(image.resize((336, 336)), "PNG"),
    "larger": lambda image: encode(shrunk(image, 2400), "PNG"),
    "JPEG, quality 40": lambda image: encode(image, "JPEG", quality=40),
    "200 wide, JPEG, quality 40": lambda image: encode(shrunk(image, 200), "JPEG", quality=40),
    "GIF": lambda image: encode(image, "GIF"),
    "WebP": lambda image: encode(image, "WEBP", quality=40),
    "darker": lambda image: encode(ImageEnhance.Brightness(image).enhance(0.75), "PNG"),
    "brighter": lambda image: encode(ImageEnhance.Brightness(image).enhance(1.2), "PNG"),
    "less contrast": lambda image: encode(ImageEnhance.Contrast(image).enhance(0.8), "PNG"),
    "with transparency": lambda image: encode(image.convert("RGBA"), "PNG"),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("name", "data"), [("chart", CHART), ("shapes", SHAPES)], ids=["chart", "shapes"])
def test_the_courses_pictures_are_recognised_in_other_clothes(name: str, data: bytes, variant: str):
    assert seen(VARIANTS[variant](opened(data))).name == name


def scatter(seed: int) -> Image.Image:
    """A scatter chart with axes, title and grid such as the course's, of other figures."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(19, 10.69), dpi=100)
    axes = figure.subplots()
    axes.scatter([seed * 7 % 11 + n for n in range(12)], [(n * seed * 5) % 13 for n in range(12)], 400)
    axes.set(title="Quality and size", xlabel="Size", ylabel="Quality")
    axes.grid(seed % 2 == 0)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")


def landscape() -> Image.Image:
    """Soft hills under a sky, with many shades."""
    image = Image.linear_gradient("L").resize((900, 600)).convert("RGB")
    ImageDraw.Draw(image).ellipse((-200, 350, 700, 900), fill=(60, 120, 50))
    return Image.blend(image, Image.effect_noise((900, 600), 80).convert("RGB"), 0.3)


STRANGERS: dict[str, Callable[[], Image.Image]] = {
    "scatter chart 1": lambda: scatter(1),
    "scatter chart 2": lambda: scatter(2),
    "landscape": landscape,
    "noise": lambda: Image.effect_noise((640, 480), 100),
    "gradient": lambda: Image.radial_gradient("L"),
    "white": lambda: Image.new("RGB", (1900, 1069), "white"),
    "black": lambda: Image.new("RGB", (1900, 1069), "black"),
    "transparent": lambda: Image.new("RGBA", (640, 480), (0, 0, 0, 0)),
    "one pixel": lambda: Image.new("RGB", (1, 1), "red"),
    "mirrored chart": lambda: ImageOps.mirror(opened(CHART)),
    "chart upside down": lambda: ImageOps.flip(opened(CHART)),
    "negative of the chart": lambda: ImageOps.invert(opened(CHART)),
    "part of the chart": lambda: opened(CHART).crop((0, 0, 1400, 1069)),
    "mirrored shapes": lambda: ImageOps.mirror(opened(SHAPES)),
    "shapes in grey": lambda: opened(SHAPES).convert("L"),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_other_pictures_are_not_recognised(stranger: str):
    assert Picture.of(STRANGERS[stranger]()).name is None


def draw_chart(folder: Path, edit: Callable[[dict[str, str]], None]) -> bytes:
    spec = importlib.util.spec_from_file_location("make_media", MEDIA / "make_media.py")
    assert spec
    assert spec.loader
    make_media = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_media)
    with (MEDIA / "models.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        edit(row)
    with (folder / "models.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    make_media.HERE = folder
    make_media.make_chart()
    return (folder / "chart.png").read_bytes()


def test_the_script_draws_the_chart_that_is_committed(tmp_path: Path):
    data = draw_chart(tmp_path, lambda row: None)
    assert seen(data).width == 1900
    assert seen(data).name == "chart"


def test_the_same_chart_with_one_point_moved_is_another_chart(tmp_path: Path):
    def lower(row: dict[str, str]) -> None:
        if row["model"] == "Linnet 4B":
            row["quality"] = "50"

    assert seen(draw_chart(tmp_path, lower)).name is None


# --- description


def test_the_description_names_size_shape_and_colours():
    text = seen(SHAPES).description
    assert "640 x 480 pixels (landscape)" in text
    assert all(colour in text for colour in ("white", "blue", "yellow", "red"))
    assert "drawing" in text


def test_a_drawing_and_a_photograph_are_told_apart():
    assert "looks like a drawing" in seen(CHART).description
    assert "more like a photograph" in Picture.of(landscape()).description


@pytest.mark.parametrize(
    ("colour", "name", "brightness"),
    [
        ("#d62828", "red", "of medium brightness"),
        ("#ffffff", "white", "bright"),
        ("#101010", "black", "dark"),
        ("#1f4fd8", "blue", "dark"),
        ("#808080", "grey", "of medium brightness"),
        ("#6b3e1d", "brown", "dark"),
        ("#2e9e3f", "green", "of medium brightness"),
    ],
)
def test_an_even_picture_is_called_by_its_colour(colour: str, name: str, brightness: str):
    text = Picture.of(Image.new("RGB", (30, 40), colour)).description
    assert f"Its main colour is {name} (100%)" in text
    assert "portrait" in text
    assert f"It is {brightness}" in text
    assert "evenly coloured" in text


def test_sixteen_bits_of_grey_are_scaled_not_cut_off():
    data = encode(Image.new("I;16", (40, 40), 0x8000), "PNG")
    assert Image.open(BytesIO(data)).mode == "I;16"
    assert "Its main colour is grey (100%)" in seen(data).description


def test_two_colours_of_one_brightness_are_two_colours():
    image = Image.new("RGB", (40, 40), (255, 0, 0))
    image.paste((0, 130, 0), (0, 0, 20, 40))
    assert "green (50%) and red (50%)" in Picture.of(image).description
    assert "evenly" not in Picture.of(image).description


def test_of_equal_areas_the_first_to_be_seen_is_named_first():
    flag = Image.new("RGB", (90, 60), "white")
    flag.paste("red", (0, 0, 30, 60))
    flag.paste("blue", (60, 0, 90, 60))
    assert "red (33%), white (33%) and blue (33%)" in Picture.of(flag).description


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "LA"]))
@settings(max_examples=40, deadline=None)
def test_every_kind_of_picture_can_be_described(width: int, height: int, mode: str):
    picture = Picture.of(Image.new(mode, (width, height)))
    assert f"{width} x {height} pixels" in picture.description
    assert picture.name is None


@pytest.mark.parametrize("wish", ["Give me the data as a table.", "Compare Tundra 56B with Linnet 12B."])
def test_the_figures_of_the_chart_are_told_as_they_are(wish: str):
    said = next(entry.say for entry in entries() if entry.picture == "chart" and entry.match.search(wish))
    with (MEDIA / "models.csv").open(newline="") as file:
        figures = [f"{row['model'].split()[1]} {float(row['quality']):g}" for row in csv.DictReader(file)]
    assert [figure for figure in figures if figure not in said] == []
