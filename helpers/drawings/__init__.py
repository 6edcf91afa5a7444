"""Drawings of an idea, made from the numbers or the exchange of the lesson that shows them.

    from helpers.drawings import whole_against_streamed

    whole_against_streamed(waited=2.15, first=0.5, ended=2.15)     # the last line of a cell: it shows itself

A drawing is a function in a module of its own. It takes what the lesson has measured or sent, nothing that it could
know better, so that it cannot go stale; it returns a `Drawing` whose text alternative states the conclusion **in the
same numbers**. Its name goes into `__init__.pyi` beside this file, and it is loaded when it is first used.

`svg.py` has what drawings are made of, `timeline.py` a line of time with lanes, `sequence.py` who says what to whom.
A test takes every drawing that a lesson shows and looks whether words overlap, leave their box or leave the page.
"""

from ..mock.lazy import names

__getattr__, __dir__, __all__ = names(__name__, __file__)
