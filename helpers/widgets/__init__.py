"""The interactive panels of the lessons: `from helpers.widgets import parameter_panel`.

Each panel has a module of its own, built on `panel.py`; its name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .budget import budget_panel
    from .chat import chat_panel
    from .clients import client_panel
    from .faults import fault_panel
    from .filters import filter_panel
    from .migration import migration_panel
    from .panel import Panel
    from .parameters import parameter_panel
    from .pictures import picture_panel
    from .schema import schema_panel
    from .similarity import similarity_panel
    from .sounds import sound_panel
    from .stream import stream_panel
    from .tool_tracer import tool_panel

_HOME = {
    "Panel": "panel",
    "schema_panel": "schema",
    "stream_panel": "stream",
    "tool_panel": "tool_tracer",
    "chat_panel": "chat",
    "client_panel": "clients",
    "budget_panel": "budget",
    "fault_panel": "faults",
    "filter_panel": "filters",
    "migration_panel": "migration",
    "parameter_panel": "parameters",
    "picture_panel": "pictures",
    "similarity_panel": "similarity",
    "sound_panel": "sounds",
}

__all__ = [
    "Panel",
    "budget_panel",
    "chat_panel",
    "client_panel",
    "fault_panel",
    "filter_panel",
    "migration_panel",
    "parameter_panel",
    "picture_panel",
    "schema_panel",
    "similarity_panel",
    "sound_panel",
    "stream_panel",
    "tool_panel",
]


if not TYPE_CHECKING:  # else any name would pass for one of this package

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
