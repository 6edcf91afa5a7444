"""A line of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `value` and `target` have the `unit`; without a target there is nothing to miss."""

    measure: str
    value: float
    unit: str
    target: float | None = None
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.target is None or self.value <= self.target
