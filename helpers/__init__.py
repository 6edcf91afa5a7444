"""What a lesson imports: `from helpers import connect, show, show_wire`.

The stub beside this file lists the public names. Each is loaded when it is first used (PEP 562), so that starting the
mock, which lives in `helpers.mock`, loads neither IPython nor the Azure SDK.

Where to find what (each room imports only from those below it):

* `widgets/`: the interactive panels, and what is asked before a cell is run
* `endpoint`: yours or the mock; `course`: the map of the lessons; `selfcheck`: whether all is here that they need;
  `unready`: what is said of a name before set-up has made it
* `exercises/`: checks, hints and the reader's progress
* `streams`, `errors`, `figures`: what is streamed, refused or plotted; `drawings/`: an idea, drawn; `moving`: one task
  in several clients
* `answers`: completions and tool calls; `wire/`: the HTTP exchange, and its twins in curl, Python and JavaScript
* `media`: pictures and sounds
* `display`: text, code, tables and bars to look at
* `mock/`: the endpoint that stands in for Azure
"""

import sys

from .mock.lazy import names

__getattr__, __dir__, __all__ = names(__name__, __file__)

if sys.platform == "emscripten":
    from .page import find_packages_late

    find_packages_late()
