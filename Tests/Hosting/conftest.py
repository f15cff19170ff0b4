# SPDX-License-Identifier: Apache-2.0
"""Servers for the tests: real ones, each a process of its own that ends with the test."""

import dataclasses
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

Result = TypeVar("Result")

FOLDER = pathlib.Path(__file__).parent
READY = re.compile(r"Uvicorn running on (?:https?://(?P<host>[^ ]+):(?P<port>\d+)|unix socket (?P<path>\S+))")
START = 20
"""Seconds that a server may take to start, or to end."""
HANDSHAKE = (
    b"GET %s HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
"""An opening handshake, with the path to be put in."""


@dataclasses.dataclass
class Served:
    """A server that runs."""

    name: str
    process: subprocess.Popen[str]
    port: int
    lines: list[str]
    reader: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def exchange(self, data: bytes) -> bytes:
        """Sends bytes, and reads until the server closes."""
        with self.connect() as sock:
            sock.sendall(data)
            received = b""
            while piece := sock.recv(65536):
                received += piece
            return received

    def wait_for_line(self, text: str) -> str:
        """The first line of the log that has the text in it."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in self.lines:
                if text in line:
                    return line
            time.sleep(0.01)
        raise AssertionError(f"no line of {self.name} has {text!r}:\n" + "".join(self.lines))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends the server, and returns its exit status; that of a signal is below zero."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(START)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.name} does not end:\n" + "".join(self.lines)) from None
        self.reader.join(START)
        return status


def reset(sock: socket.socket) -> None:
    """Has the connection be lost, as it is when a client crashes, instead of ended."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    sock.close()


def command(name: str, *arguments: str, python: str = sys.executable) -> list[str]:
    """The command line of alicorn, or of uvicorn."""
    return [python, "-m", name, *arguments]


def environment() -> dict[str, str]:
    """Without what configures a server; the applications of the tests can be imported."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ALICORN_", "UVICORN_", "WEB_", "FORWARDED_"))}
    return kept | {"PYTHONPATH": str(FOLDER / "applications"), "PYTHONUNBUFFERED": "1"}


def start(name: str, *arguments: str, env: dict[str, str] | None = None, python: str = sys.executable) -> Served:
    """Starts a server on a free port, and waits until it listens."""
    process = subprocess.Popen(
        command(name, "--port", "0", *arguments, python=python),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment() | (env or {}),
    )
    lines: list[str] = []

    def collect() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)

    reader = threading.Thread(target=collect, daemon=True)
    reader.start()
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        for line in list(lines):
            if match := READY.search(line):
                return Served(name, process, int(match["port"] or 0), lines, reader)
        if process.poll() is not None:
            reader.join(START)
            break
        time.sleep(0.01)
    process.kill()
    raise AssertionError(f"{name} does not start:\n" + "".join(lines))


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Starts servers, as `serve("alicorn", "module:app", "--option")`, which end with the test."""
    running: list[Served] = []

    def begin(name: str, *arguments: str, env: dict[str, str] | None = None) -> Served:
        served = start(name, *arguments, env=env)
        running.append(served)
        return served

    yield begin
    for served in running:
        if served.process.poll() is None:
            served.process.kill()
            served.process.wait()


@pytest.fixture(scope="session", params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> str:
    """Each of the loops."""
    return request.param


class Pair:
    """The same application under uvicorn and under Alicorn, to compare."""

    def __init__(self, application: str, loop: str, *options: str) -> None:
        self.servers = {name: start(name, application, "--loop", loop, *options) for name in ("uvicorn", "alicorn")}

    def both(self, ask: Callable[[Served], Result]) -> tuple[Result, Result]:
        return ask(self.servers["uvicorn"]), ask(self.servers["alicorn"])

    def stop(self) -> None:
        for served in self.servers.values():
            served.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def pair(loop: str) -> Iterator[Pair]:
    """The bare application under both; once for all tests of a module."""
    pair = Pair("raw:app", loop)
    yield pair
    pair.stop()


@pytest.fixture(scope="module")
def hosted(request: pytest.FixtureRequest, loop: str) -> Iterator[Served]:
    """The module's APPLICATION under Alicorn; once for all of its tests."""
    served = start("alicorn", request.module.APPLICATION, "--loop", loop)
    yield served
    served.stop(signal.SIGKILL)


@pytest.fixture
def alicorn(pair: Pair) -> Served:
    return pair.servers["alicorn"]


@pytest.fixture
def executable() -> str:
    """The command in Swift."""
    path = os.environ.get("ALICORN_EXECUTABLE")
    if not path:
        pytest.skip("ALICORN_EXECUTABLE does not say where the executable in Swift is.")
    return path
