"""The form of a model's answers, a file for each family of models: who wants to know how Mistral streams a tool call
reads `mistral`. `plain` is what all have in common; the others say where they differ. A model's card names its family.
"""

from __future__ import annotations

from collections.abc import Mapping

from .cohere import Cohere
from .mistral import Mistral
from .openai import OpenAI
from .phi import Phi3, Phi4
from .plain import Family

FAMILIES: Mapping[str, Family] = {
    "openai": OpenAI(),
    "mistral": Mistral(),
    "phi-4": Phi4(),
    "phi-3": Phi3(),
    "cohere": Cohere(),
    "other": Family(),
}
"""The families by the names that cards have for them."""

__all__ = ["FAMILIES", "Family"]
