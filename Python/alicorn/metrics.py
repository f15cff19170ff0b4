# SPDX-License-Identifier: Apache-2.0
"""What a server has counted, in the format of Prometheus (P-35)."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alicorn import _alicorn
from alicorn.binding import bind_unix

_PATIENCE = 1.0
"""The seconds that all other workers together may take to answer; one that does not is left out."""
_SIBLINGS_PATH = "/"
"""Where each worker shows the others what it has counted itself."""
_LIMIT = 16 * 1024 * 1024
"""The bytes that an answer may have."""


class WorkerPlace:
    """What a worker is among the others: its number, the folder in which each has a socket, and what accepts for the metrics'
    own port, which all of them share; nothing without one."""

    def __init__(self, number: int, folder: Path, metrics_sockets: list[socket.socket]) -> None:
        self.number = number
        self._folder = folder
        self._metrics_sockets = metrics_sockets

    @property
    def metrics_sockets(self) -> list[socket.socket]:
        return [sock.dup() for sock in self._metrics_sockets]

    def listen(self) -> socket.socket:
        """A socket for the others. Who had the number before is not asked any more, though it may yet have connections."""
        own = self._folder / str(os.getpid())
        sock = bind_unix(str(own))
        own.chmod(0o600)
        own.rename(self._folder / f"worker-{self.number}")
        return sock

    def siblings(self) -> list[Path]:
        """The sockets of the others, some of which may be gone."""
        return sorted(path for path in self._folder.glob("worker-*") if path.name != f"worker-{self.number}")


class MetricsService:
    """The metrics of a server that runs: counted, and shown at their path, or at a port of their own, and to other workers."""

    def __init__(self, path: str, worker: WorkerPlace | None) -> None:
        self.counted = _alicorn.Metrics(None if worker is None else worker.number)
        self.page = MetricsPage(self.counted, path, worker)
        self._worker = worker
        self._servers: list[_alicorn.Server] = []

    def show(self, make: Callable[[Any], _alicorn.Server], own: list[socket.socket]) -> None:
        """Shows them on sockets of their own, and to the other workers. `make` makes a server of an application."""
        if own:
            self._serve(make(self.page), own)
        if self._worker is not None:
            self._serve(make(MetricsPage(self.counted, _SIBLINGS_PATH, None)), [self._worker.listen()])

    def _serve(self, server: _alicorn.Server, sockets: list[socket.socket]) -> None:
        self._servers.append(server)
        for sock in sockets:
            sock.listen()
            server.listen(sock.detach())
        asyncio.get_running_loop().add_reader(server.fileno(), server.poll)

    def end(self) -> None:
        """Shows them no more."""
        for server in self._servers:
            server.stop_listening()
            server.cut()
            asyncio.get_running_loop().remove_reader(server.fileno())
            server.end()
        self._servers = []


class MetricsPage:
    """An application that answers each request with the metrics: of this process, and of the other workers."""

    def __init__(self, metrics: _alicorn.Metrics, path: str, worker: WorkerPlace | None) -> None:
        self._metrics = metrics
        self._path = path
        self._worker = worker

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] != self._path or scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 404, b"Not Found", b"text/plain; charset=utf-8")
            return
        accept = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"), None)
        kind, body = self._metrics.exposition(accept)
        if self._worker is not None:
            body = self._metrics.merge([body, *await _ask_all(self._worker.siblings(), kind)])
        await _answer(send, 200, body, kind.encode(), (b"vary", b"accept"))


async def _answer(send: Any, status: int, body: bytes, kind: bytes, *fields: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *fields]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _ask_all(paths: list[Path], kind: str) -> list[bytes]:
    questions = [asyncio.create_task(_ask(path, kind)) for path in paths]
    if questions:
        _, late = await asyncio.wait(questions, timeout=_PATIENCE)
        for question in late:
            question.cancel()
    answers = [question.result() for question in questions if question.done() and not question.cancelled()]
    return [answer for answer in answers if answer is not None]


async def _ask(path: Path, kind: str) -> bytes | None:
    """What the worker behind a socket has counted; None when it does not tell all of it."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=_LIMIT)
    except OSError:
        return None
    with contextlib.closing(writer):
        writer.write(f"GET {_SIBLINGS_PATH} HTTP/1.1\r\nHost: worker\r\nConnection: close\r\nAccept: {kind}\r\n\r\n".encode())
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            if not head.startswith(b"HTTP/1.1 200 "):
                return None
            return await reader.readexactly(min(int(fields[b"content-length"]), _LIMIT))
        except (OSError, EOFError, ValueError, KeyError, asyncio.LimitOverrunError):
            return None
