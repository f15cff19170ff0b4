# SPDX-License-Identifier: Apache-2.0
"""TLS: what applications are told of it (A-TLS), and certificates that change (P-34)."""

import asyncio
import logging
import os
import pathlib
import re
import ssl
import time
from collections.abc import Callable
from typing import Any

from alicorn.config import Config

logger = logging.getLogger("uvicorn.error")

_VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
_PEM = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.DOTALL)
# RFC 4514, section 3; what has no short name goes by its own.
_NAMES = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "streetAddress": "STREET",
    "domainComponent": "DC",
    "userId": "UID",
}
_INTERVAL = 5
"""How often files are looked at, in seconds."""


def describe(config: Config) -> Callable[[asyncio.Transport], dict[str, Any] | None]:
    """A function that tells of a transport's TLS what the extension `tls` has; nothing for one without."""
    suites = {cipher["name"]: cipher["id"] & 0xFFFF for cipher in config.ssl.get_ciphers()} if config.ssl else {}
    server = _first_certificate(config.ssl_certfile) if config.ssl_certfile else None

    def tell(transport: asyncio.Transport) -> dict[str, Any] | None:
        connection = transport.get_extra_info("ssl_object")
        if connection is None:
            return None
        cipher = connection.cipher()
        certificate = connection.getpeercert(binary_form=True)
        return {
            "server_cert": server,
            "client_cert_chain": _chain(connection, certificate) if certificate else [],
            "client_cert_name": _distinguished_name(connection.getpeercert()) if certificate else None,
            "client_cert_error": None,
            "tls_version": _VERSIONS.get(connection.version() or ""),
            "cipher_suite": suites.get(cipher[0]) if cipher else None,
        }

    return tell


def _first_certificate(file: str | os.PathLike[str]) -> str | None:
    found = _PEM.search(pathlib.Path(file).read_text())
    return found.group() if found else None


def _chain(connection: Any, certificate: bytes) -> list[str]:
    """The client's certificate, and those above it where Python tells of them (since 3.13)."""
    chain = connection.get_verified_chain() if hasattr(connection, "get_verified_chain") else [certificate]
    return [ssl.DER_cert_to_PEM_cert(part) for part in chain or [certificate]]


def _distinguished_name(certificate: dict[str, Any] | None) -> str | None:
    """The subject as RFC 4514 writes it: the last part first."""
    if not certificate:
        return None
    parts = [
        "+".join(f"{_NAMES.get(name, name)}={_escaped(value)}" for name, value in part)
        for part in certificate.get("subject", ())
    ]
    return ",".join(reversed(parts))


def _escaped(value: str) -> str:
    escaped = re.sub(r'([\\",+<>;])', r"\\\1", value).replace("\0", "\\00")
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and len(value) > 1:
        escaped = escaped[:-1] + "\\ "
    return escaped


class CertificateWatch:
    """Has new connections see the certificate that is in the files by now."""

    def __init__(self, config: Config) -> None:
        self._config = config
        files = (config.ssl_certfile, config.ssl_keyfile) if config.ssl_reload else ()
        self._files = [file for file in files if file]
        self._looked = time.monotonic()
        self._dates = self._read_dates()

    def look(self) -> None:
        """Reads the files again if they have changed; looks at them now and then."""
        if not self._files or time.monotonic() - self._looked < _INTERVAL:
            return
        self._looked = time.monotonic()
        dates = self._read_dates()
        if dates == self._dates:
            return
        self._dates = dates
        try:
            self._config.load_certificate()
        except (OSError, ssl.SSLError) as error:
            logger.error("The certificate cannot be read again, so the one before stays: %s.", error)
        else:
            logger.info("The certificate was read again; new connections see it.")

    def _read_dates(self) -> list[int | None]:
        return [os.stat(file).st_mtime_ns if os.path.exists(file) else None for file in self._files]
