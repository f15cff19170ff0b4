# SPDX-License-Identifier: Apache-2.0
"""The end of a process in the middle of its work: Python, in its development mode, has nothing to complain of."""

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from conftest import HANDSHAKE, READY, START, Served, environment

# What Python writes of what went wrong where nobody could be told.
COMPLAINTS = re.compile("Fatal Python error|Exception ignored|never awaited|never retrieved|unclosed|Warning|destroyed but")

BEGIN = """
import atexit, signal, sys, threading
import alicorn, raw
atexit.register(print, "at exit", flush=True)
options = dict(port=0, loop=sys.argv[1], timeout_graceful_shutdown=0.1)
"""
MAIN = BEGIN + """
alicorn.run(raw.app, **options)
print("returned", flush=True)
"""
THREAD = BEGIN + """
server = alicorn.Server(alicorn.Config(raw.app, **options))
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: setattr(server, "should_exit", True))
thread = threading.Thread(target=server.run)
thread.start()
while thread.is_alive():
    thread.join(0.01)
print("returned", flush=True)
"""
DAEMON = BEGIN + """
server = alicorn.Server(alicorn.Config(raw.app, **options))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
threading.Thread(target=server.run, daemon=True).start()
signal.sigwait([signal.SIGTERM])
print("returned", flush=True)
"""


@contextlib.contextmanager
def program(text: str, *arguments: str) -> Iterator[Served]:
    """A program that serves, in Python's development mode; its lines are those of standard error."""
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", "-c", text, *arguments], env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    lines: list[str] = []
    try:
        while not (match := READY.search(line := process.stderr.readline())):
            assert line, lines
            lines.append(line)
        yield Served("the program", process, int(match["port"]), lines, None)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("text", "number", "status", "said"),
    [
        (MAIN, signal.SIGINT, 0, ["returned", "at exit"]),
        # Which a signal ends, as it does a program of uvicorn's (U-SG-04).
        (MAIN, signal.SIGTERM, -signal.SIGTERM, []),
        (THREAD, signal.SIGINT, 0, ["returned", "at exit"]),
        (THREAD, signal.SIGTERM, 0, ["returned", "at exit"]),
        # Whose thread still serves when Python ends.
        (DAEMON, signal.SIGTERM, 0, ["returned", "at exit"]),
    ],
    ids=["main-SIGINT", "main-SIGTERM", "thread-SIGINT", "thread-SIGTERM", "daemon-SIGTERM"],
)
def test_an_end_in_the_middle(loop, text, number, status, said):
    with program(text, loop) as served, contextlib.ExitStack() as stack:
        for request in (
            HANDSHAKE % b"/echo", b"GET /large?10000 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
        ):
            sock = stack.enter_context(served.connect())
            sock.sendall(request)
            assert sock.recv(12) in (b"HTTP/1.1 101", b"HTTP/1.1 200", b"HTTP/1.1 100")
        served.process.send_signal(number)
        output, errors = served.process.communicate(timeout=START)
    assert served.process.returncode == status, errors
    assert [line for line in output.splitlines() if not line.startswith("INFO:")] == said
    assert COMPLAINTS.findall("".join(served.lines) + errors) == [], errors


TWICE = """
import asyncio, sys, threading, urllib.request
import alicorn, raw

async def main():
    server = alicorn.Server(alicorn.Config(raw.app, port=0))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.listeners[0].getsockname()[1]
    answer = await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/task")
    print(answer.status, flush=True)
    answer.close()
    server.should_exit = True
    await task

for _ in range(2):
    with asyncio.Runner(loop_factory=alicorn.Config(raw.app, loop=sys.argv[1]).get_loop_factory()) as runner:
        runner.run(main())
"""


def test_two_servers_one_after_the_other(loop):
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-c", TWICE, loop], env=environment(), capture_output=True, text=True, timeout=START
    )
    assert ended.returncode == 0, ended.stderr
    assert [line for line in ended.stdout.splitlines() if not line.startswith("INFO:")] == ["200", "200"]
    assert COMPLAINTS.findall(ended.stderr) == [], ended.stderr
