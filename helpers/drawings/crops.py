"""Lesson 07: what a picture costs, crop by crop."""

from __future__ import annotations

from collections.abc import Callable

from .svg import MARGIN, Canvas, Drawing

_WIDE, _HIGH, _LARGEST = 290, 240, 58  # room for the grid, and for one crop
_WORD = 32, 20  # the room that a price takes


def crop_by_crop(
    width: int, height: int, crops: Callable[[int, int], tuple[int, int]], tokens: Callable[[int, int], int], each: int
) -> Drawing:
    """A picture of that many pixels under the grid that a model cuts it into, and the sum of its tokens.

    `crops`: how many lie along the long side and how many across, from width and height; `tokens`: what the whole
    picture costs, from the same; `each`: the tokens of one crop, and of the look at the whole.
    """
    along, across = crops(width, height)
    columns, rows = (along, across) if width >= height else (across, along)
    paid, count = tokens(width, height), columns * rows
    ends = paid - (count + 1) * each
    canvas = Canvas()
    side = min(_LARGEST, _WIDE / columns, _HIGH / rows)
    scale = side * along / max(width, height)
    top = 8 + canvas.words(MARGIN, MARGIN, f"{width:,} × {height:,} pixels: {columns} × {rows} crops", bold=True).bottom
    _grid(canvas, top, (columns, rows), side, (width * scale, height * scale), str(each))
    left = MARGIN + columns * side + 22
    y = top
    for part in (f"{count} × {each} = {count * each:,}", f"the whole: {each}", f"ends of rows: {ends}"):
        y = canvas.words(left, y, part, width=canvas.width - left - MARGIN).bottom + 6
    canvas.line((left, y), (canvas.width - MARGIN, y))
    canvas.words(left, y + 6, f"{paid:,} tokens", bold=True)
    padded = " Part of the grid is padding." if min(width, height) * scale < side * across - 1 else ""
    return canvas.drawing(
        f"A picture in {count} crops",
        f"A picture of {width:,} × {height:,} pixels under a grid of {columns} columns × {rows} rows.{padded} {count} "
        f"crops and a look at the whole, {each} tokens each, and {ends} for the ends of rows: {paid:,} tokens.",
    )


def _grid(
    canvas: Canvas, top: float, shape: tuple[int, int], side: float, seen: tuple[float, float], price: str
) -> None:
    """The picture, `seen` wide and high, under a grid of columns and rows; a price in each crop that has the room."""
    columns, rows = shape
    canvas.box(MARGIN, top, columns * side, tone="quiet", height=rows * side)
    canvas.box(MARGIN, top, seen[0], tone="sent", height=seen[1])
    for column in range(1, columns):
        x = MARGIN + column * side
        canvas.line((x, top), (x, top + rows * side), dashed=True)
    for row in range(1, rows):
        y = top + row * side
        canvas.line((MARGIN, y), (MARGIN + columns * side, y), dashed=True)
    for place in range(columns * rows):
        x, y = place % columns * side, place // columns * side
        wide, high = min(side, seen[0] - x), min(side, seen[1] - y)  # of the picture in this crop
        if wide >= _WORD[0] and high >= _WORD[1]:
            canvas.words(MARGIN + x + wide / 2, top + y + high / 2 - 8, price, anchor="middle", small=True)
