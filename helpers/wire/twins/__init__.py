"""The same request once more, in other words: as a `curl` command, in plain Python and in JavaScript.

All three are written from one `Recipe`, which is made from the recorded request. None holds a secret: key, token and
endpoint are read from the environment, the pictures and sounds of the lessons from their files.
"""

from .recipe import Recipe
from .with_curl import curl
from .with_fetch import javascript
from .with_requests import python

__all__ = ["TWINS", "Recipe", "curl", "javascript", "python"]

TWINS = {"As curl": curl, "As plain Python": python, "As JavaScript": javascript}
"""The summary that each twin is folded under, and who writes it."""
