"""Cohere's models.

Recorded: an answer with the embedding of a picture (2025-03), Azure/azure-sdk-assets, the tests of the Azure SDK for
Python. No completion is recorded: its form is the plain one, with an id like that of the embeddings.
"""

from __future__ import annotations

from ...ids import uuid
from .plain import Family


class Cohere(Family):
    def completion_id(self, seed: str) -> str:
        return uuid(seed)
