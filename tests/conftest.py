"""A lesson that several files of tests look at is run once for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.lessons import LESSONS, NOTEBOOKS
from tests.support.readings import Reading, reading


@pytest.fixture(scope="session", params=[path.stem for path in LESSONS])
def lesson(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """A lesson with a kernel of its own, in a folder that has nothing of the course."""
    with reading(NOTEBOOKS / f"{request.param}.ipynb", tmp_path_factory.mktemp("elsewhere")) as lesson:
        yield lesson
