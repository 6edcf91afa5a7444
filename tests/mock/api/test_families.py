"""What a family's ids look like: the formats are recorded, the letters are derived from the request."""

import re

import pytest

from helpers.mock.api.families import FAMILIES

# Recorded 2024-10 to 2025-08 (Azure/azure-sdk-assets); Cohere's chat, and the calls of Phi, Cohere and others: guesses
COMPLETIONS = {
    "openai": r"chatcmpl-[A-Za-z0-9]{29}",
    "mistral": r"[0-9a-f]{32}",
    "phi-4": r"chatcmpl-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "phi-3": r"chat-[0-9a-f]{32}",
    "cohere": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "other": r"[0-9a-f]{32}",
}
CALLS = {"mistral": r"[A-Za-z0-9]{9}"}


@pytest.mark.parametrize("name", FAMILIES)
def test_ids_have_the_familys_format_and_each_seed_its_own(name: str):
    family = FAMILIES[name]
    for made, pattern in (
        (family.completion_id, COMPLETIONS[name]),
        (family.call_id, CALLS.get(name, r"call_[A-Za-z0-9]{24}")),
    ):
        ids = [made(f"{seed}/{index}") for seed in ("a", "b") for index in range(50)]
        assert all(re.fullmatch(pattern, one) for one in ids)
        assert len(set(ids)) == 100
        assert made("a/0") == ids[0]
