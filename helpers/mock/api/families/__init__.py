"""The form of a model's answers, a file for each family of models: who wants to know how Mistral streams a tool call
reads `mistral`. `plain` is what all have in common; the others say where they differ. A model's card names its family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from .plain import Family


class _Families(dict[str, Family]):
    """The families by their names, each imported when a request first has to do with it."""

    def __init__(self, homes: Mapping[str, str]) -> None:
        super().__init__()
        self._homes = homes

    def __missing__(self, name: str) -> Family:
        module, _, kind = self._homes[name].partition(".")
        family = self[name] = getattr(import_module(f".{module}", __name__), kind)()
        return family

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)


FAMILIES = _Families(
    {
        "openai": "openai.OpenAI",
        "mistral": "mistral.Mistral",
        "phi-4": "phi.Phi4",
        "phi-3": "phi.Phi3",
        "cohere": "cohere.Cohere",
        "other": "plain.Family",
    }
)
"""The families by the names that cards have for them."""

__all__ = ["FAMILIES", "Family"]
