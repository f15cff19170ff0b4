# SPDX-License-Identifier: Apache-2.0
"""Serves the applications of Benchmarks/Peers with each server, and measures them in turn: work for each second of the
processor's time that the server takes, all of its processes and threads, and work for each second on the clock."""

import argparse
import contextlib
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

PEERS = pathlib.Path(__file__).parents[2] / "Benchmarks/Peers"
APPLICATIONS = {
    "raw": ("hello:app", ("http", "echo")),
    "Starlette": ("starlette_hello:app", ("http", "echo")),
    "FastAPI": ("fastapi_hello:app", ("http",)),
}
COMMANDS = {
    "uvicorn": "-m uvicorn {app} --port {port} --no-access-log --log-level warning --loop uvloop --http httptools "
    "--ws websockets-sansio",
    "granian": "-m granian --interface asgi --workers 1 --port {port} --no-access-log --log-level warning --loop uvloop {app}",
    "alicorn": "-m alicorn {app} --port {port} --no-access-log --log-level warning --loop asyncio",
    "alicorn, uvloop": "-m alicorn {app} --port {port} --no-access-log --log-level warning --loop uvloop",
}
WARM_UP = 0.3


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextlib.contextmanager
def served(name: str, app: str, core: str) -> Iterator[tuple[int, int]]:
    """A server's process and port."""
    port = free_port()
    process = subprocess.Popen(
        ["taskset", "-c", core, sys.executable, *COMMANDS[name].format(app=app, port=port).split()],
        env=os.environ | {"PYTHONPATH": str(PEERS)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
                break
            time.sleep(0.02)
        else:
            raise SystemExit(f"{name} does not start")
        yield process.pid, port
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def processes(pid: int) -> list[int]:
    found = [pid]
    for file in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in file.read_text().split():
                found += processes(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """What the process and those that it has started have taken."""
    ticks = 0
    for each in processes(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(load: str, mode: str, connections: int, pid: int, port: int, seconds: float, core: str) -> tuple[float, float]:
    """Work for a second of the processor's time, and for one on the clock."""
    before = cpu_seconds(pid)
    said = subprocess.run(
        ["taskset", "-c", core, load, mode, "-c", str(connections), "-s", "64", "--spin", "-p", str(port), "--pid", str(pid)]
        + ["-d", str(seconds), "-w", str(WARM_UP)],
        capture_output=True,
        text=True,
    )
    taken = cpu_seconds(pid) - before
    if said.returncode:
        raise SystemExit(f"the measurement is void: {said.stderr.strip()}")
    rate = json.loads(said.stdout)["per_s"]
    return rate * (seconds + WARM_UP) / taken, rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--connections", default="32")
    parser.add_argument("--applications", default=",".join(APPLICATIONS))
    parser.add_argument("--cores", default="0,1", help="the server's, and the load generator's")
    options = parser.parse_args()
    server_core, load_core = options.cores.split(",")
    print(f"{options.rounds} rounds of {options.seconds:g} s; work per CPU second (per second), medians; quotients of rounds\n")
    print("| application | work | connections | " + " | ".join(COMMANDS) + " | to uvicorn | to granian |")
    print("| --- | --- | ---: |" + " ---: |" * (len(COMMANDS) + 2))
    for title in options.applications.split(","):
        app, modes = APPLICATIONS[title]
        with contextlib.ExitStack() as stack:
            servers = {name: stack.enter_context(served(name, app, server_core)) for name in COMMANDS}
            for mode in modes:
                for connections in map(int, options.connections.split(",")):
                    row(title, mode, connections, servers, options, load_core)


def row(title: str, mode: str, connections: int, servers: dict, options: argparse.Namespace, core: str) -> None:
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    names = list(servers)
    for number in range(options.rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            results[name].append(measure(options.load, mode, connections, *servers[name], options.seconds, core))
    cells = [
        f"{statistics.median(cpu for cpu, _ in result):,.0f} ({statistics.median(rate for _, rate in result):,.0f})"
        for result in results.values()
    ]
    best = max(("alicorn", "alicorn, uvloop"), key=lambda name: statistics.median(cpu for cpu, _ in results[name]))
    quotients = [
        statistics.median(ours[0] / theirs[0] for ours, theirs in zip(results[best], results[peer]))
        for peer in ("uvicorn", "granian")
    ]
    print(f"| {title} | {mode} | {connections} | {' | '.join(cells)} | " + " | ".join(f"{q:.2f}" for q in quotients) + " |")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
