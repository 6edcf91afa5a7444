"""A certificate authority of the mock's own, so that a lesson can speak https to this machine and verify it.

Nothing is installed anywhere: a client trusts the authority by naming one of its files (REQUESTS_CA_BUNDLE,
SSL_CERT_FILE, curl --cacert, connection_verify=).
"""

from __future__ import annotations

import atexit
import os
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

import certifi
import trustme

NAMES = ("localhost", "127.0.0.1", "::1")
"""What every server certificate is made out to."""


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority and the two files by which clients trust it.

    `ca_file` holds its certificate alone. `bundle_file` holds it after the public authorities of certifi: the one for
    environment variables that replace a client's whole list.
    """

    ca: trustme.CA
    ca_file: Path
    bundle_file: Path

    def context(self, *names: str) -> ssl.SSLContext:
        """A server's TLS context with a fresh certificate for `NAMES` and `names` (host names or addresses).

        ValueError for a name that no certificate can hold.
        """
        try:
            leaf = self.ca.issue_cert(*dict.fromkeys((*NAMES, *names)), key_type=trustme.KeyType.ECDSA)
        except ValueError as error:  # of the package idna among others
            raise ValueError(f"no certificate can be made out to {', '.join(names)}: {error}") from None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        leaf.configure_cert(context)
        return context


def authority(folder: Path | None = None) -> Authority:
    """Make an authority, or read the one kept in `folder`.

    Without `folder` its key stays in memory and its files lie in a private temporary folder that is removed when the
    process ends. With one, the folder is made when missing and holds ca.pem, ca-key.pem (readable by its owner only)
    and bundle.pem; the next call with it gives the same authority. Raises ValueError when only one of the first two
    is there, or when they cannot be read as PEM; OSError when the folder cannot be used.
    """
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="mock-tls-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    else:
        ca = _kept(folder)
    ca_file, bundle_file = folder / "ca.pem", folder / "bundle.pem"
    ca_file.write_bytes(ca.cert_pem.bytes())
    bundle_file.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + ca.cert_pem.bytes())
    return Authority(ca, ca_file, bundle_file)


def _kept(folder: Path) -> trustme.CA:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca_file, key_file = folder / "ca.pem", folder / "ca-key.pem"
    if ca_file.exists() != key_file.exists():
        raise ValueError(f"{folder} holds only one of ca.pem and ca-key.pem: add the other or remove both")
    if ca_file.exists():
        return trustme.CA.from_pem(ca_file.read_bytes(), key_file.read_bytes())
    ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(ca.private_key_pem.bytes())
    return ca
