"""Pictures of a lesson as a reader sees it in JupyterLab, to look at while writing:

    .venv/bin/python -m commands.look 03 --dark --width 480 --run --out build/look

The page is cut into slices as high as the window: `03-dark-480-01.png`, `03-dark-480-02.png`, ...
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.lab import DARK, LESSONS, LIGHT, Lesson, find_browser, new_context, running_browser, running_lab

_SCROLLER = ".jp-WindowedPanel-outer"


def take(lesson: Lesson, out: Path, stem: str, part: str) -> list[Path]:
    """Pictures from the heading `part` (from the top without one) to the end of that part."""
    page = lesson.page
    cells = lesson.cells()
    heads = [number for number, cell in enumerate(cells) if cell["source"].startswith("## ")]
    first = next((number for number in heads if cells[number]["source"].startswith(f"## {part}")), 0) if part else 0
    last = next((number for number in heads if number > first), len(cells)) - 1 if part else len(cells) - 1
    page.wait_for_timeout(300)
    scroller = page.locator(_SCROLLER)
    edges = [lesson.cell(number).locator(":scope").evaluate(_EDGES) for number in (last, first)]
    top, end, step = edges[1][0], edges[0][1], scroller.evaluate("e => e.clientHeight - 40")
    taken: list[Path] = []
    while top < end:
        scroller.evaluate("(e, top) => { e.scrollTop = top; }", top)
        page.wait_for_timeout(200)
        taken.append(out / f"{stem}-{len(taken) + 1:02}.png")
        scroller.screenshot(path=taken[-1])
        top += step
    return taken


_EDGES = f"""cell => {{ const outer = cell.closest('{_SCROLLER}'), box = cell.getBoundingClientRect();
const shift = outer.scrollTop - outer.getBoundingClientRect().top; return [box.top + shift, box.bottom + shift]; }}"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Takes pictures of lessons in JupyterLab.")
    parser.add_argument("lessons", nargs="+", metavar="NN", help="numbers of lessons, such as 03")
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument("--width", type=int, default=1280, help="of the window, in pixels")
    parser.add_argument("--height", type=int, default=1000, help="of the window and of each picture")
    parser.add_argument("--run", action="store_true", help="run all cells first")
    parser.add_argument("--part", default="", help="only the part under this heading, such as Play")
    parser.add_argument("--out", type=Path, default=Path("build/look"), help="the folder for the pictures")
    options = parser.parse_args()
    browser_path = find_browser()
    if browser_path is None:
        print("No browser was found: install chromium.", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    paths = [path for path in LESSONS if path.name[:2] in options.lessons]
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_lab(Path(scratch)) as lab,
        sync_playwright() as playwright,
        running_browser(playwright, browser_path) as browser,
    ):
        page = new_context(browser, []).new_page()
        page.set_viewport_size({"width": options.width, "height": options.height})
        for path in paths:
            lesson = Lesson.open(lab, page, path.name)
            lesson.theme(DARK if options.dark else LIGHT)
            if options.run:
                lesson.run_all()
            stem = f"{path.name[:2]}{options.part and '-' + options.part.lower()}"
            for file in take(
                lesson, options.out, f"{stem}-{'dark' if options.dark else 'light'}-{options.width}", options.part
            ):
                print(file)
            lesson.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
