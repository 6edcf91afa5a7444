"""The interactive panels of the lessons: `from helpers.widgets import parameter_panel`.

Each panel has a module of its own, built on `panel.py`; its name is loaded when it is first used.
"""

from ..mock.lazy import names

__getattr__, __dir__, __all__ = names(__name__, __file__)
