"""Make the pictures and sounds of the course: `python notebooks/media/make_media.py [chart] [shapes] [clips]`.

Without arguments everything is made. The pictures need matplotlib and Pillow. The clips need three programs as well:
espeak-ng (speaks), sox (resamples to 16 kHz mono) and lame (writes MP3). The same versions of all of these write the
same bytes again. The results are committed, so no lesson needs this script; who runs it after a change runs the
tests too: they name the fingerprints in `helpers/mock/data/media.toml` that then have to change.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHART_SIZE = (1900, 1069)
SHAPES_SIZE = (640, 480)
CLIPS = {
    "hello_how_are_you": "Hello. How are you?",
    "train_at_nine": "The train to Hamburg leaves at nine.",
}
TOOLS = ("espeak-ng", "sox", "lame")

# Colour and marker both tell the families apart. The colours are Okabe and Ito's, safe for colour-blind readers.
FAMILIES = {
    "Alder": ("#0072B2", "o"),
    "Basalt": ("#009E73", "s"),
    "Tundra": ("#6B6B6B", "^"),
    "Linnet": ("#D55E00", "D"),
}
# Where each label stands beside its marker (right, up, alignment; in points), clear of neighbours and trend line.
LABEL_OFFSETS = {
    "Alder 7B": (-18, 12, "right"),
    "Basalt 3B": (18, -18, "left"),
    "Basalt 9B": (18, -18, "left"),
    "Alder 2B": (18, -18, "left"),
    "Tundra 13B": (0, 27, "center"),
    "Basalt 34B": (18, -20, "left"),
    "Alder 30B": (-18, 14, "right"),
    "Tundra 56B": (18, -20, "left"),
    "Alder 70B": (-18, 14, "right"),
    "Tundra 100B": (-18, 16, "right"),
    "Linnet 4B": (0, 33, "center"),
    "Linnet 12B": (0, 33, "center"),
}


def make_chart() -> None:
    """Draw `chart.png` from `models.csv`: quality against size of twelve invented models, 1900 x 1069 pixels."""
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np
    from matplotlib import pyplot as plt
    from PIL import Image

    with (HERE / "models.csv").open(newline="", encoding="utf-8") as file:
        models = list(csv.DictReader(file))
    sizes = np.array([float(model["billions"]) for model in models])
    scores = np.array([float(model["quality"]) for model in models])
    others = np.array([model["family"] != "Linnet" for model in models])

    style = {"font.family": "DejaVu Sans", "font.size": 21, "axes.edgecolor": "#444444", "text.color": "#222222"}
    with plt.rc_context(style):  # pyright: ignore[reportArgumentType]
        figure, axes = plt.subplots(figsize=(CHART_SIZE[0] / 100, CHART_SIZE[1] / 100), dpi=100)
        figure.subplots_adjust(left=0.075, right=0.975, top=0.845, bottom=0.125)
        axes.set_facecolor("#F6F8FA")
        axes.grid(color="#D5DBE1", linewidth=1.2)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)

        slope, level = np.polyfit(np.log10(sizes[others]), scores[others], 1)
        line = np.array([1.5, 140.0])
        axes.plot(line, slope * np.log10(line) + level, "--", color="#8A939C", linewidth=3, zorder=1)
        axes.text(16.5, 58.6, "trend of the other families", color="#555F68", fontsize=19)

        for family, (colour, marker) in FAMILIES.items():
            chosen = np.array([model["family"] == family for model in models])
            area = 620 if marker in "D^" else 430  # these two cover less of the same box
            looks = {"s": area, "c": colour, "marker": marker, "edgecolors": "white", "linewidths": 2}
            axes.scatter(sizes[chosen], scores[chosen], label=family, **looks)
        for model, size, score in zip(models, sizes, scores, strict=True):
            right, up, side = LABEL_OFFSETS[model["model"]]
            bold = model["family"] == "Linnet"
            axes.annotate(
                model["model"],
                (size, score),
                (right, up),
                textcoords="offset points",
                ha=side,
                va="center",
                color=FAMILIES["Linnet"][0] if bold else "#222222",
                fontweight="bold" if bold else "normal",
            )

        axes.set_xscale("log")
        axes.set(xlim=(1.5, 140), ylim=(30, 90))
        axes.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
        axes.minorticks_off()
        axes.set_xlabel("Size (billions of parameters, logarithmic scale)", fontsize=24, labelpad=10)
        axes.set_ylabel("Quality score (0 to 100)", fontsize=24, labelpad=10)
        legend = axes.legend(title="Family", loc="lower right", fontsize=21, markerscale=0.8, borderpad=0.9)
        legend.get_frame().set(edgecolor="#D5DBE1", facecolor="white", alpha=1)
        figure.text(0.075, 0.93, "Quality and size of twelve language models", fontsize=36, fontweight="bold")
        figure.text(
            0.075, 0.877, "The models and their figures are invented for teaching", fontsize=23, color="#555F68"
        )

        figure.canvas.draw()
        pixels = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")  # pyright: ignore[reportAttributeAccessIssue]
        plt.close(figure)
    assert pixels.size == CHART_SIZE
    pixels.quantize(128, dither=Image.Dither.NONE).save(HERE / "chart.png", optimize=True)


def make_shapes() -> None:
    """Draw `shapes.png`: a blue circle, a yellow rectangle and a red triangle on a pale ground, 640 x 480 pixels."""
    from PIL import Image, ImageDraw

    scale = 4  # drawn large and shrunk, because ImageDraw does not smooth edges
    large = Image.new("RGB", (SHAPES_SIZE[0] * scale, SHAPES_SIZE[1] * scale), "#F3F0E8")
    draw = ImageDraw.Draw(large)

    def at(*points: int) -> list[int]:
        return [value * scale for value in points]

    draw.ellipse(at(60, 70, 260, 270), fill="#0072B2")
    draw.rectangle(at(360, 60, 570, 230), fill="#F0C419")
    draw.polygon(at(330, 270, 210, 430, 450, 430), fill="#D62828")
    small = large.resize(SHAPES_SIZE, Image.Resampling.LANCZOS)
    small.quantize(64, dither=Image.Dither.NONE).save(HERE / "shapes.png", optimize=True)


def make_clips() -> None:
    """Speak every sentence of `CLIPS` into a 16 kHz mono WAV and an MP3 of it."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"To make the clips, install {', '.join(missing)} first. (The pictures need none of these.)")
    for name, text in CLIPS.items():
        wav, mp3 = HERE / f"{name}.wav", HERE / f"{name}.mp3"
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder, "raw.wav")
            _run("espeak-ng", "-v", "en-gb", "-s", "140", "-w", raw, text)
            # -D: no dither, whose noise would differ from run to run; -G keeps the peak of the speech below clipping
            _run("sox", "-D", "-G", raw, "-b", "16", "-c", "1", "-r", "16000", wav, "pad", "0.1", "0.2")
        _run("lame", "--quiet", "-m", "m", "-b", "48", "-q", "2", wav, mp3)


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


MAKERS = {"chart": make_chart, "shapes": make_shapes, "clips": make_clips}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the pictures and sounds of the course.")
    parser.add_argument("what", nargs="*", help=f"any of {', '.join(MAKERS)}; everything when left out")
    names = parser.parse_args().what or list(MAKERS)
    if unknown := [name for name in names if name not in MAKERS]:
        parser.error(f"unknown: {', '.join(unknown)}; choose from {', '.join(MAKERS)}")
    for name in names:
        MAKERS[name]()
