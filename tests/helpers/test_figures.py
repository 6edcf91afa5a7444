"""A figure is shown with words for those who cannot see it."""

import re

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from helpers import figure
from tests.helpers.conftest import html_of

ALT = 'Two lines: the "hot" answers vary, the cold ones do not'


@pytest.fixture
def drawing() -> Figure:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(figsize=(2, 1))
    axes.plot([1, 2], [3, 4])
    return fig


def test_a_figure_has_its_alt_text(displayed, drawing):
    import matplotlib.pyplot as plt

    figure(drawing, ALT)
    html = html_of(displayed)
    assert 'alt="Two lines: the &quot;hot&quot; answers vary, the cold ones do not"' in html
    assert re.search(r'src="data:image/png;base64,iVBORw0KGgo[A-Za-z0-9+/=]+"', html)
    assert str(displayed[0]) == ALT
    assert drawing.number not in plt.get_fignums()


def test_the_same_figure_gives_the_same_bytes(displayed, drawing):
    figure(drawing, ALT)
    figure(drawing, ALT)
    assert displayed[0].html == displayed[1].html


@pytest.mark.parametrize("alt", ["", "   ", "figure", "A plot.", "This is the chart", "Figure 3", "image of the plot"])
def test_an_alt_text_that_says_nothing_is_refused(drawing, alt):
    with pytest.raises(ValueError, match="what the figure shows"):
        figure(drawing, alt)
