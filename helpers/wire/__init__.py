"""The HTTP exchange beside the call: what went over the wire, what of it may be shown, and its twins in other words."""

from .exchange import Exchange, curl, exchanges, javascript, last, python, show_wire

__all__ = ["Exchange", "curl", "exchanges", "javascript", "last", "python", "show_wire"]
