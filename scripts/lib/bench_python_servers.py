# SPDX-License-Identifier: Apache-2.0
"""The servers that scripts/bench-python compares: how each is started, its memory, and one run of the load generator."""

import contextlib
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator

PEERS = pathlib.Path(__file__).parents[2] / "Benchmarks/Peers"
COMMANDS = {
    "uvicorn": "-m uvicorn {app} --port {port} --no-access-log --log-level warning --loop uvloop --http httptools "
    "--ws websockets-sansio",
    "granian": "-m granian --interface asgi --workers 1 --port {port} --no-access-log --log-level warning --loop uvloop {app}",
    "alicorn": "-m alicorn {app} --port {port} --no-access-log --log-level warning --loop asyncio",
    "alicorn, uvloop": "-m alicorn {app} --port {port} --no-access-log --log-level warning --loop uvloop",
}
OURS = ("alicorn", "alicorn, uvloop")
LIMIT = "bare C"
PATIENCE = 20  # seconds
LONGEST_RUN = 180


class Failed(Exception):
    """A run of the load generator without a result."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextlib.contextmanager
def served(name: str, command: list[str], port: int, core: str) -> Iterator[tuple[int, int]]:
    """A process that listens, and its port. It ends with those that it has started."""
    process = subprocess.Popen(
        ["taskset", "-c", core, *command],
        env=os.environ | {"PYTHONPATH": str(PEERS)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                break
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{name} does not start: {' '.join(command)}")
            time.sleep(0.02)
        yield process.pid, port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait(PATIENCE)


@contextlib.contextmanager
def python_server(name: str, app: str, core: str, certificate: pathlib.Path | None = None) -> Iterator[tuple[int, int]]:
    """A server and its port, which answers; the key is in the file of the certificate, too."""
    port = free_port()
    command = [sys.executable, *COMMANDS[name].format(app=app, port=port).split()]
    if certificate:
        command += ["--ssl-certificate" if name == "granian" else "--ssl-certfile", str(certificate)]
        command += ["--ssl-keyfile", str(certificate)]
    with served(name, command, port, core) as server:
        request(name, port, certificate)
        yield server


def request(name: str, port: int, certificate: pathlib.Path | None) -> None:
    """Waits for an answer: a port may be bound before there is a worker behind it."""
    if certificate:
        context = ssl.create_default_context(cafile=certificate)
        context.check_hostname = False
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{name} answers with {answer.status}")
    except OSError as reason:
        raise SystemExit(f"{name} does not answer: {reason}") from reason
    finally:
        connection.close()


def make_certificate(folder: str) -> pathlib.Path:
    """A certificate of its own issuer, and its key, in one file."""
    file = pathlib.Path(folder, "certificate.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-keyout", str(file), "-out", str(file.with_suffix(".crt"))],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    with file.open("a") as both:
        both.write(file.with_suffix(".crt").read_text())
    return file


def processes(pid: int) -> list[int]:
    """The process and those that it has started."""
    found = [pid]
    for file in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in file.read_text().split():
                found += processes(int(child))
    return found


def memory(pid: int) -> float:
    """The proportional set size of the process and those that it has started, in KiB."""
    size = 0
    for each in processes(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{each}/smaps_rollup").read_text().split()
            size += int(fields[fields.index("Pss:") + 1])
    return size


def run_load(load: str, core: str, mode: str, connections: int, server: tuple[int, int], *arguments: str) -> dict:
    """What the load generator says of a run."""
    pid, port = server
    command = [load, mode, "-c", str(connections), "-s", "64", "--spin", "-p", str(port), "--pid", str(pid), *arguments]
    try:
        said = subprocess.run(["taskset", "-c", core, *command], capture_output=True, text=True, timeout=LONGEST_RUN)
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{mode} has not ended after {LONGEST_RUN} s") from expired
    if said.returncode:
        raise Failed(said.stderr.strip())
    return json.loads(said.stdout)
