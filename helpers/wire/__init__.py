"""The HTTP exchange beside the call: what went over the wire, and the same call in curl, Python and JavaScript.

    client.complete(messages=[...], raw_response_hook=show_wire)

That one keyword shows the request and the response of the call, each attempt of a retried call, and the events of a
stream once it has ended. What is shown can be published and compared: key, token and endpoint are replaced by the names
of their variables, headers that differ from run to run say `(varies)`, and long base64 is cut. The recorded bytes
themselves stay whole: `last().response.body`.
"""

from .exchange import Exchange
from .recording import curl, exchanges, javascript, last, python, show_wire

__all__ = ["Exchange", "curl", "exchanges", "javascript", "last", "python", "show_wire"]
