# SPDX-License-Identifier: Apache-2.0
"""The extension module: connections, protocols, and the calls of the application."""

from asyncio import AbstractEventLoop, Protocol, Transport
from collections.abc import Callable, Iterable
from typing import Any

class ClientDisconnected(OSError):
    """The client was gone when something was sent to it."""

def broadcast(connections: Iterable[Any], message: str | bytes | bytearray | memoryview, /) -> None:
    """Sends one message to many WebSocket connections, without waiting: `str` as text, the others as binary.

    The message is framed once, and compressed once for all whose parameters agree. A connection that is gone is passed over;
    one that has too much unsent is cut, so that nobody who is slow holds up the others.

    Each connection is the object of the extension `websocket.broadcast` in its scope
    (`scope["extensions"]["websocket.broadcast"]["connection"]`), such a scope, or an object that has it as `scope`: the
    WebSockets of Starlette, FastAPI and Litestar, the consumers of Channels. To be called on the thread of the event loop;
    raises RuntimeError elsewhere, and TypeError for what is no connection or no message.
    """

class Connection:
    """A WebSocket connection as `broadcast` is given it."""

class Metrics:
    """What a process counts."""

    def __init__(self, worker: int | None, /) -> None: ...
    def exposition(self, accept: str | None, /) -> tuple[str, bytes]:
        """The format that a field `Accept` asks for, and all metrics in it."""

    def merge(self, expositions: list[bytes], /) -> bytes:
        """Those of several processes in one, all in the same format."""

    def enter(self, state: str, /) -> None:
        """Notes the state of the application's lifespan."""

    def start(self, seconds: float, /) -> None:
        """Notes that the application has started, and how long it took."""

class Server:
    """A server of one application, nested in the loop of asyncio's that it was made for.

    The loop watches `fileno()` for reading, and calls `poll()`.
    """

    def __init__(
        self,
        application: Any,
        loop: AbstractEventLoop,
        options: dict[str, Any],
        line: Callable[[int, str], object],
        access: Callable[[str, str, str, str, int], object],
        record: Callable[[str, dict[str, Any] | None], object],
        exception: Callable[[BaseException], object],
        full: Callable[[], object],
        describe_tls: Callable[[Transport], dict[str, Any] | None],
        /,
    ) -> None: ...
    def fileno(self) -> int: ...
    def poll(self) -> None: ...
    def listen(self, descriptor: int, /) -> None:
        """Accepts from a socket that is bound, whose descriptor is the server's from now on."""

    def make_protocol(self) -> Protocol:
        """What a connection is given to that asyncio carries."""

    def stop_listening(self) -> None: ...
    def leave(self) -> None:
        """Ends all connections in order: idle ones close, the others behind their response, WebSockets with 1012."""

    def cut(self) -> None:
        """Cuts what is left, and cancels the applications that run."""

    def connections(self) -> int: ...
    def running(self) -> int: ...
    def end(self) -> None: ...
