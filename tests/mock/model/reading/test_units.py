"""A number is meant by its unit, whichever of its names the unit goes by."""

import pytest

from helpers.mock.model.reading.scene import Context, Scene
from helpers.mock.model.reading.slots import Slot
from helpers.mock.model.reading.units import counted_alike


@pytest.mark.parametrize(("slot", "number"), [("weight_lb", 150), ("height_ft", 6), ("discount_pct", 20), ("mins", 45)])
def test_a_slot_takes_the_number_of_its_unit(slot: str, number: int) -> None:
    scene = Scene.of(Context("I weigh 150 pounds, am 6 feet tall, have 45 minutes and want 20 percent off."))
    assert scene.numbers(Slot(slot))[0] == [number]


def test_a_word_of_any_sentence_is_no_unit() -> None:
    assert "inch" not in counted_alike(["rooms", "in", "the", "hotel"])
    assert "in" in counted_alike(["inch"])
