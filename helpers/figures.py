"""Shows charts with a text for those who cannot see them."""

import base64
import io
import re
import sys
from html import escape
from typing import Any

from .display import Rich, present

_SAYS_NOTHING = {"a", "an", "the", "this", "that", "is", "it", "of", "with", "and", "shows"}
_SAYS_NOTHING |= {"chart", "diagram", "figure", "graph", "image", "picture", "plot"}


def figure(fig: Any, alt: str) -> None:
    """Shows a matplotlib figure with a text for those who cannot see it, and closes the figure.

    `alt`: a sentence that says what the figure shows. Raises ValueError when it says nothing.

    The picture has a white ground, so that it reads in dark themes too, and holds no date or version. Still its bytes
    may differ from one platform to the next, by fonts and rounding: the strict comparison of notebooks replaces
    `data:image/...;base64,...` before it compares (`nbval` sanitising), so what is compared is the alt text. A lesson
    that plots something measured tags the cell `nbval-ignore-output`.
    """
    if len(set(re.findall(r"[^\W\d_]+", alt.lower())) - _SAYS_NOTHING) < 3:
        raise ValueError(f"alt={alt!r} does not say what the figure shows: write a sentence that does.")
    buffer, metadata = io.BytesIO(), {"Software": None}
    fig.savefig(
        buffer, format="png", dpi=110, facecolor="white", bbox_inches="tight", pad_inches=0.2, metadata=metadata
    )
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    data = base64.b64encode(buffer.getvalue()).decode()
    img = f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}" style="max-width: 100%; height: auto">'
    present(Rich(alt, img))
