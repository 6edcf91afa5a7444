"""There is no cryptography in the page: names that azure-identity imports, none of which the course uses."""

__version__ = "0"


class Missing:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str):
        raise NotImplementedError(f"{self._name}.{name}: the browser edition has no cryptography")

    def __call__(self, *args, **kwargs):
        raise NotImplementedError(f"{self._name}: the browser edition has no cryptography")


x509 = Missing("x509")
