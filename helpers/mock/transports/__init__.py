"""How bytes get in and out: sockets, TLS, the SDK's pipeline. Nothing here knows the API."""
