"""What to wear and to take along, which is a question about the weather.

Recorded 2024-10 to 2025-04 of Mistral's and OpenAI's models (Azure/azure-sdk-assets, the tests of the Azure SDKs):
asked what to wear in a city, they call the tool that knows its temperature.
"""

from __future__ import annotations

import re

from ..reading.vocabulary import words_of

_GARMENTS = frozenset({
    "boots", "clothes", "clothing", "coat", "gloves", "jacket", "jumper", "outfit", "raincoat", "scarf", "shorts",
    "sunglasses", "sunscreen", "sweater", "umbrella",
})  # fmt: skip
_DRESSING = frozenset({"wear", "dress", "pack"})
_TAKING = _DRESSING | {"bring", "take", "carry", "need", "what", "which"}
_ADVICE = frozenset({"what", "which", "how", "should", "shall", "do", "will", "would", "need", "must", "can"})
_ONESELF = frozenset({"i", "we", "you", "one", "people", "should", "to"})
_SHOPPING = frozenset({"buy", "bought", "cost", "costs", "price", "sell", "sells", "order", "shop", "wash", "laundry"})
_OCCASION = re.compile(r"\b(?:wear|dress|pack)\s+(?:to|for)\s+(?:an?|my|the)\b", re.IGNORECASE)


def asks_what_to_wear(text: str) -> bool:
    """ "What should I wear in Oslo?", "Do I need a coat?"; not where a shop or an occasion decides: "Where can I buy a
    coat?", "What should I wear to a wedding?"."""
    words = set(words_of(text))
    dressing, garments = words & _DRESSING, words & _GARMENTS
    if not (dressing or garments) or words & _SHOPPING or _OCCASION.search(text):
        return False
    if garments and words & _ADVICE and words & _TAKING:
        return True
    return not words.isdisjoint(_ONESELF) and (("what" in words and bool(dressing)) or {"how", "dress"} <= words)
