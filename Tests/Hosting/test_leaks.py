# SPDX-License-Identifier: Apache-2.0
"""References that Alicorn forgets, in a Python that counts all of them: `sys.gettotalrefcount()`.

The loop is asyncio's: uvloop is not built for such a Python, whose counting it goes past.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from conftest import FOLDER, HANDSHAKE, START, Served, environment, reset, start

PATH = {"PYTHONPATH": os.pathsep.join([str(FOLDER / "applications"), sysconfig.get_path("purelib")])}


@pytest.fixture(scope="module")
def counting() -> str:
    """A Python that counts."""
    python = shutil.which("python3-dbg")
    if python is None:
        pytest.skip("There is no python3-dbg (Debian: apt-get install python3-dbg).")
    if subprocess.run([python, "-c", "import alicorn"], env=environment() | PATH, capture_output=True).returncode:
        pytest.skip(f"Alicorn cannot be imported by {python}.")
    return python


@pytest.fixture
def counted(counting) -> Iterator[Served]:
    served = start("alicorn", "counted:app", "--loop", "asyncio", "--no-access-log", env=PATH, python=counting)
    yield served
    served.stop()


def settled(served: Served) -> int:
    """How many references there are, when what ends has ended."""
    deadline = time.monotonic() + 5
    with httpx.Client(base_url=served.url) as client:
        counts = [client.get("/count").json()]
        while time.monotonic() < deadline:
            counts.append(client.get("/count").json())
            if len(counts) > 5 and len(set(counts[-5:])) == 1:
                break
    return counts[-1]


@contextlib.contextmanager
def opened(served: Served, request: bytes):
    """A connection on which this was asked, and what comes of it."""
    with served.connect() as sock, sock.makefile("rb") as answers:
        sock.sendall(request)
        yield sock, answers


def head(answers) -> bytes:
    return b"".join(iter(answers.readline, b"\r\n"))


# What is done in a round: each returns how often. None of it has asyncio set timers, or start threads: those stay for a while.


def asks(*paths: str) -> Callable[[Served], int]:
    """Requests behind one another on a connection, some of which wait for others."""

    def ask(served: Served) -> int:
        request = b"".join(b"POST /%s HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" % path.encode() for path in paths)
        for _ in range(20):
            with opened(served, request * 10) as (_, answers):
                for _ in paths * 10:
                    answers.read(int(re.search(rb"(?i)content-length: (\d+)", head(answers))[1]))
        return 200 * len(paths)

    return ask


def connects(*paths: str) -> Callable[[Served], int]:
    def connect(served: Served) -> int:
        for _ in range(50):
            for path in paths:
                with contextlib.suppress(ConnectionResetError):
                    served.exchange(b"GET /%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path.encode())
        return 50 * len(paths)

    return connect


def goes(served: Served) -> int:
    for _ in range(200):
        with opened(served, b"GET /disconnect HTTP/1.1\r\nHost: a\r\n\r\n") as (sock, _):
            reset(sock)
    return 200


def talks(served: Served) -> int:
    for opcode in (b"\x81", b"\x82"):
        with opened(served, HANDSHAKE % b"/echo") as (sock, answers):
            assert b" 101 " in head(answers)
            for _ in range(20):
                sock.sendall((opcode + b"\x85\0\0\0\0hello") * 50)
                assert answers.read(350) == (opcode + b"\x05hello") * 50
    return 2000


def opens(*paths: str, close: bytes = b"\x88\x82\0\0\0\0\x03\xe8") -> Callable[[Served], int]:
    """WebSocket connections that the client closes, or loses."""

    def connect(served: Served) -> int:
        for _ in range(50):
            for path in paths:
                with opened(served, HANDSHAKE % f"/{path}".encode()) as (sock, answers):
                    head(answers)
                    if close:
                        sock.sendall(close)
                        with contextlib.suppress(ConnectionResetError):
                            answers.read()
                    else:
                        reset(sock)
        return 50 * len(paths)

    return connect


@pytest.mark.parametrize(
    "done",
    [
        asks("task", "echo", "scope?a=b", "context", "create_task"),
        asks("wrong_order", "wrong_type", "no_type", "wrong_header", "text_header"),
        connects("task", "pieces", "buffers", "mappings"),
        connects("raises", "raises_late", "nothing", "half", "value", "twice"),
        goes,
        talks,
        opens("echo", "scope", "pushes"),
        opens("echo", "gone", close=b""),
        opens("refuses", "denies", "raises_early", "raises", "returns"),
        asks("timeout", "group", "anyio_group"),
    ],
    ids=[
        "requests", "wrong", "connections", "failures", "lost", "messages", "websockets", "lost-websockets", "ended-websockets",
        "cancelled",
    ],
)
def test_nothing_is_forgotten(counted, done):
    # What is made once is made now.
    done(counted)
    before = settled(counted)
    count = done(counted)
    assert abs(settled(counted) - before) < count / 20


ENDING = """
import asyncio, gc, sys
import alicorn, counted

async def main():
    server = alicorn.Server(alicorn.Config(counted.app, port=0, log_config=None))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    reader, writer = await asyncio.open_connection(*server.listeners[0].getsockname())
    writer.write(b"GET /task HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n")
    assert b" 200 " in await reader.read()
    writer.close()
    await writer.wait_closed()
    server.should_exit = True
    await task

counts = []
for _ in range(3):
    for _ in range(5):
        asyncio.run(main())
    gc.collect()
    counts.append(sys.gettotalrefcount())
print(counts[2] - counts[1])
"""


def test_servers_that_have_ended(counting):
    ended = subprocess.run(
        [counting, "-c", ENDING], env=environment() | PATH, capture_output=True, text=True, timeout=START
    )
    assert ended.returncode == 0, ended.stderr
    # Less than one for each.
    assert int(ended.stdout) < 5
