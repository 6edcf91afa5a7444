"""What a lesson imports: `from helpers import connect, show, show_wire`.

Each public name is loaded from its module when it is first used (PEP 562), so that starting the mock, which lives in
`helpers.mock`, loads neither IPython nor the Azure SDK.
"""

from .mock.lazy import names

__getattr__, __dir__, __all__ = names(__name__, __file__)
