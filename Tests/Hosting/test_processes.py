# SPDX-License-Identifier: Apache-2.0
"""Workers under a supervisor, and reloading (P-09, U-MP, U-RL)."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest
from conftest import START, Served, environment
from test_command import normal, run
from test_websocket import ended
from websockets.sync.client import connect

FOLDER = pathlib.Path(__file__).parent / "applications"


def until(what: str, found) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if found():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what}: that did not happen")


def workers(served: Served, count: int) -> set[int]:
    """The processes that answer, when there are as many."""
    seen: set[int] = set()

    def ask() -> bool:
        seen.add(int(httpx.get(served.url).text.split()[0]))
        return len(seen) >= count

    until(f"{count} workers answer", ask)
    return seen


class Load:
    """Clients that ask again and again; each request is to be answered."""

    def __init__(self, served: Served, path: str = "/", connection: str = "close") -> None:
        self._url = served.url + path
        self._headers = {"connection": connection}
        self.failures: list[str] = []
        self.answered = 0
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        with httpx.Client(headers=self._headers, timeout=10) as client:
            while not self._ends.is_set():
                try:
                    assert client.get(self._url).status_code == 200
                    self.answered += 1
                except (httpx.HTTPError, AssertionError) as error:
                    self.failures.append(repr(error))

    def end(self) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()


def test_who_comes_before_the_first_worker_waits_for_it(serve):
    served = serve("alicorn", "slow:app", "--workers", "2")
    assert httpx.get(served.url).status_code == 200


@pytest.fixture
def two(serve) -> Served:
    served = serve("alicorn", "pid:app", "--workers", "2", "--no-access-log")
    workers(served, 2)
    return served


def test_both_workers_answer_and_end(two):
    with connect(two.ws) as connection:
        worker = int(connection.recv(timeout=5))
        assert worker != two.process.pid
        two.process.terminate()
        assert ended(connection)[0] == 1012
    assert two.stop() == 0
    said = normal("".join(two.lines))
    for line in ("Started parent process [PID]", "Received SIGTERM, exiting.", "Stopping parent process [PID]"):
        assert f"INFO:     {line}" in said
    assert said.count("INFO:     Started server process [PID]") == 2
    assert said.count("INFO:     Finished server process [PID]") == 2


def test_a_worker_that_is_killed_is_replaced_and_the_other_loses_nothing(two):
    pids = workers(two, 2)
    with connect(two.ws) as first:
        kept = int(first.recv(timeout=5))
        (killed,) = pids - {kept}
        os.kill(killed, signal.SIGKILL)
        two.wait_for_line(f"Child process [{killed}] died")
        assert killed not in workers(two, 2)
        first.send("still there")
        assert first.recv(timeout=5) == "still there"


def test_a_worker_that_hangs_is_replaced(serve):
    served = serve("alicorn", "pid:app", "--workers", "2", "--timeout-worker-healthcheck", "1")
    hanging = workers(served, 2).pop()
    os.kill(hanging, signal.SIGSTOP)
    served.wait_for_line(f"Child process [{hanging}] died")
    assert hanging not in workers(served, 2)


@pytest.mark.parametrize(("path", "connection"), [("/slow", "close"), ("/", "close"), ("/", "keep-alive")])
def test_a_rolling_restart_loses_no_request(two, path, connection):
    before = workers(two, 2)
    load = Load(two, path, connection)
    try:
        two.process.send_signal(signal.SIGHUP)
        until("both are replaced", lambda: sum("Finished server" in line for line in two.lines) == 2)
        answered = load.answered
        until("requests are answered", lambda: load.answered > answered + 4)
    finally:
        load.end()
    assert load.failures == []
    assert workers(two, 2).isdisjoint(before)


def test_more_and_fewer(two):
    two.process.send_signal(signal.SIGTTIN)
    workers(two, 3)
    for count in (1, 2):
        two.process.send_signal(signal.SIGTTOU)
        until("one has gone", lambda: sum("Finished server" in line for line in two.lines) == count)
    two.process.send_signal(signal.SIGTTOU)
    two.wait_for_line("Already reached one process, cannot decrease the number of processes anymore.")
    assert httpx.get(two.url).status_code == 200


def test_workers_that_cannot_start():
    status, said = run("alicorn", "life:fails", "--workers", "2", "--port", "0")
    # P-22.
    assert status == 3
    assert re.search(r"Child process \[\d+\] failed to start, stopping the parent process\.", said)


def test_workers_of_a_killed_supervisor_end(two):
    pids = workers(two, 2)
    two.process.kill()
    until("they end", lambda: not any(pathlib.Path(f"/proc/{pid}/cmdline").exists() for pid in pids))


def test_an_application_object_has_no_workers(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import alicorn\nfrom pid import app\nalicorn.run(app, workers=2)\n")
    ended = subprocess.run([sys.executable, program], capture_output=True, text=True, env=environment(), timeout=START)
    assert ended.returncode == 3
    assert "You must pass the application as an import string" in ended.stderr


@pytest.mark.parametrize("watcher", ["WatchFiles", "StatReload"])
def test_reloading(serve, tmp_path, watcher):
    module = tmp_path / "changing.py"
    source = (FOLDER / "pid.py").read_text()
    module.write_text(source)
    if watcher == "StatReload":
        (tmp_path / "watchfiles.py").write_text("raise ImportError('not here')\n")
    served = serve(
        "alicorn", "changing:app", "--reload", "--reload-dir", str(tmp_path), "--app-dir", str(tmp_path),
        env={"PYTHONPATH": f"{tmp_path}:{FOLDER}", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    served.wait_for_line(f"Started reloader process [{served.process.pid}] using {watcher}")
    until("it serves", lambda: "first" in served_text(served))
    # Times of change have a grain, which the second is to be apart by.
    time.sleep(0.1)
    module.write_text(source.replace('"first"', '"second"'))
    served.wait_for_line(f"WARNING:  {watcher} detected changes in")
    until("the new one serves", lambda: "second" in served_text(served))
    assert served.stop() == 0
    served.wait_for_line("Stopping reloader process")


def served_text(served: Served) -> str:
    try:
        return httpx.get(served.url, timeout=START).text
    except httpx.HTTPError:
        return ""
