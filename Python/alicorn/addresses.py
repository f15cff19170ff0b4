# SPDX-License-Identifier: Apache-2.0
"""Where to listen."""

import contextlib
import dataclasses
import os
import socket
from collections.abc import Callable, Iterable
from typing import Any

from alicorn.binding import bind_all, bind_tcp, bind_unix, inherited


@dataclasses.dataclass(frozen=True)
class TCPAddress:
    """A host's name or IP address, None or nothing for all, and a port; 0 picks a free one."""

    host: str | None
    port: int

    def bind(self) -> list[socket.socket]:
        """Binds each address that the host has."""
        found = socket.getaddrinfo(self.host or None, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return bind_all(list(dict.fromkeys((family, address) for family, _, _, _, address in found)))

    def bind_for(self, workers: int) -> socket.socket:
        """Binds what so many processes are to accept from."""
        family, address = self.family, (self.host or "", self.port)
        alone = bind_tcp(family, address)
        if workers == 1:
            return alone
        # Each worker has one of its own on the same port. That nobody else serves it had to be seen before: those who share
        # ports would let us share theirs.
        alone.close()
        return bind_tcp(family, address, socket.SO_REUSEPORT)

    def another(self, sock: socket.socket) -> socket.socket:
        """One more on the port of one that was bound for several."""
        return bind_tcp(sock.family, sock.getsockname(), socket.SO_REUSEPORT)

    def unbind(self) -> None:
        """Nothing is left of it."""

    def place(self, sock: socket.socket, scheme: str) -> tuple[str, tuple[Any, ...]]:
        """What the log says of it: a format, and what is put there (U-LG-08)."""
        host = "0.0.0.0" if self.host is None else self.host
        return "%s://[%s]:%d" if ":" in host else "%s://%s:%d", (scheme, host, sock.getsockname()[1])

    @property
    def family(self) -> int:
        return socket.AF_INET6 if self.host and ":" in self.host else socket.AF_INET


class _SharedAddress:
    """Where there is one socket, whoever accepts from it."""

    def bind(self) -> list[socket.socket]:
        return [self.bind_for(1)]

    def bind_for(self, workers: int) -> socket.socket:
        raise NotImplementedError

    def another(self, sock: socket.socket) -> socket.socket:
        return sock.dup()


@dataclasses.dataclass(frozen=True)
class UnixAddress(_SharedAddress):
    """A Unix socket with that file; its permissions are for all, or those of one that was there, unless they are given."""

    path: str
    permissions: int | None = None

    def bind_for(self, workers: int) -> socket.socket:
        return bind_unix(self.path, self.permissions)

    def unbind(self) -> None:
        """Removes the file."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def place(self, sock: socket.socket, scheme: str) -> tuple[str, tuple[Any, ...]]:
        return "unix socket %s", (self.path,)


@dataclasses.dataclass(frozen=True)
class InheritedAddress(_SharedAddress):
    """A socket that somebody else has bound."""

    descriptor: int

    def bind_for(self, workers: int) -> socket.socket:
        return inherited(self.descriptor)

    def unbind(self) -> None:
        """It is somebody else's."""

    def place(self, sock: socket.socket, scheme: str) -> tuple[str, tuple[Any, ...]]:
        return "socket %s", (sock.getsockname(),)


Address = TCPAddress | UnixAddress | InheritedAddress


def parse_address(text: str, permissions: int | None = None) -> Address:
    """Reads `HOST:PORT`, `[::1]:8000`, `unix:PATH` or `fd:N`."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest:
        return UnixAddress(rest, permissions)
    if kind == "fd" and rest.isdecimal():
        return InheritedAddress(int(rest))
    host, _, port = text.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    name = host[1:-1] if is_bracketed else host
    if not name or (":" in name) != is_bracketed or not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"'{text}' is no address: give HOST:PORT, [IPV6]:PORT, unix:PATH or fd:N.")
    return TCPAddress(name, int(port))


class Listening:
    """Sockets that are bound, each with the address that it is for."""

    def __init__(self, addresses: Iterable[Address], bind: Callable[[Address], list[socket.socket]]) -> None:
        self._bound: list[tuple[Address, list[socket.socket]]] = []
        try:
            for address in addresses:
                self._bound.append((address, bind(address)))
        except OSError:
            self.close()
            raise

    @property
    def bound(self) -> list[tuple[Address, socket.socket]]:
        return [(address, sock) for address, sockets in self._bound for sock in sockets]

    @property
    def sockets(self) -> list[socket.socket]:
        return [sock for _, sock in self.bound]

    def places(self, scheme: str) -> list[tuple[str, tuple[Any, ...]]]:
        """What the log says of each address."""
        return [address.place(sockets[0], scheme) for address, sockets in self._bound]

    def close(self) -> None:
        """Closes them, and leaves nothing of them behind."""
        for address, sockets in self._bound:
            for sock in sockets:
                sock.close()
            address.unbind()
