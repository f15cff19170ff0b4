# SPDX-License-Identifier: Apache-2.0
"""Sockets to accept from."""

import contextlib
import os
import socket
import stat
from typing import Any


def bind_unix(path: str, permissions: int | None = None) -> socket.socket:
    """A Unix socket with that file, in the place of one that is there already. Its permissions are those that are given, else
    those of that one, else for all (U-SK-01). Another kind of file is left alone, and an error."""
    mode = 0o666
    with contextlib.suppress(FileNotFoundError):
        status = os.stat(path)
        if stat.S_ISSOCK(status.st_mode):
            mode = stat.S_IMODE(status.st_mode)
            os.unlink(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(path)
        os.chmod(path, mode if permissions is None else permissions)
    except OSError:
        sock.close()
        raise
    return sock


def inherited(descriptor: int) -> socket.socket:
    """A socket that somebody else has bound, and keeps."""
    return socket.socket(fileno=os.dup(descriptor))


def bind_all(addresses: list[tuple[int, Any]]) -> list[socket.socket]:
    """Binds all of them, given with their families, or none."""
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses:
            sock = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                sock.bind(address)
            except OSError as error:
                raise OSError(
                    error.errno, f"error while attempting to bind on address {address!r}: {error.strerror.lower()}"
                ) from None
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def bind_tcp(family: int, address: tuple[str, int], *options: int) -> socket.socket:
    """A socket with this address, and with these options of sockets: SO_REUSEPORT for one of several on the same port, among
    which the kernel shares connections out."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        for option in (socket.SO_REUSEADDR, *options):
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock
