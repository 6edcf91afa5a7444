"""What a lesson imports: `from helpers import connect, show, show_wire`.

Each public name is loaded from its module when it is first used (PEP 562), so that starting the mock, which lives in
`helpers.mock`, loads neither IPython nor the Azure SDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answers import compare, show, show_calls
    from .course import course_map
    from .endpoint import connect
    from .errors import read_error, show_error
    from .exercises.checking import check
    from .exercises.progress import progress
    from .figures import figure
    from .media import data_url, media_address, media_path, picture, play, sound_base64
    from .selfcheck import self_check
    from .streams import aprint_stream, print_stream
    from .wire import curl, javascript, python, show_wire

_HOME = {
    "check": "exercises.checking",
    "connect": "endpoint",
    "course_map": "course",
    "progress": "exercises.progress",
    "data_url": "media",
    "media_address": "media",
    "media_path": "media",
    "picture": "media",
    "play": "media",
    "sound_base64": "media",
    "self_check": "selfcheck",
    "aprint_stream": "streams",
    "compare": "answers",
    "figure": "figures",
    "print_stream": "streams",
    "read_error": "errors",
    "show": "answers",
    "show_calls": "answers",
    "show_error": "errors",
    "curl": "wire",
    "javascript": "wire",
    "python": "wire",
    "show_wire": "wire",
}

__all__ = [
    "aprint_stream",
    "check",
    "compare",
    "connect",
    "course_map",
    "curl",
    "data_url",
    "figure",
    "javascript",
    "media_address",
    "media_path",
    "picture",
    "play",
    "print_stream",
    "progress",
    "python",
    "read_error",
    "self_check",
    "show",
    "show_calls",
    "show_error",
    "show_wire",
    "sound_base64",
]


if not TYPE_CHECKING:  # else any name would pass for one of this package

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
