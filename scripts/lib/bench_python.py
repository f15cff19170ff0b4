# SPDX-License-Identifier: Apache-2.0
"""Serves the applications of Benchmarks/Peers with each server, and measures them in turn: work for each second of the
processor's time that the server takes, all of its processes and threads, and work for each second on the clock; latencies
at a fixed rate; memory."""

import argparse
import contextlib
import functools
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator

from bench_python_servers import (
    COMMANDS,
    LIMIT,
    OURS,
    Failed,
    free_port,
    make_certificate,
    memory,
    python_server,
    run_load,
    served,
)

APPLICATIONS = {
    "raw": ("hello:app", ("http", "echo")),
    "Starlette": ("starlette_hello:app", ("http", "echo")),
    "FastAPI": ("fastapi_hello:app", ("http",)),
}
RAW = APPLICATIONS["raw"][0]
WARM_UP = 0.3
JSON_SIZE = 1024  # of a compressed message
IDLE, REQUESTS, MEMORY_ROUNDS = 2000, 10_000, 3
NO_DEFLATE = "got no permessage-deflate"
failures = 0


def interleaved(names: Iterable[str], rounds: int, measure: Callable) -> dict[str, list]:
    """What is measured of each, round by round, in an order that turns. Who fails takes part no more."""
    global failures
    names = list(names)
    results: dict[str, list] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            if results[name] is None:
                continue
            try:
                results[name].append(measure(name))
            except Failed as reason:
                print(f"{name}: {reason}", file=sys.stderr)
                failures += NO_DEFLATE not in str(reason)
                results[name] = None
    return results


def table(*columns: str, left: int) -> None:
    print(f"\n| {' | '.join(columns)} |\n|{' --- |' * left}{' ---: |' * (len(columns) - left)}")


def row(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def middle(results: list[dict], key: str) -> float:
    return statistics.median(result[key] for result in results)


def cells(results: dict[str, list], *keys: str, form: str) -> list[str]:
    """The medians, for each of those that were measured."""
    return [form.format(*(middle(of, key) for key in keys)) if of else "–" for of in results.values()]


def work_table() -> None:
    table("application", "work", "connections", *COMMANDS, "to uvicorn", "to granian", left=2)


def work_rows(title: str, mode: str, servers: dict, options: argparse.Namespace, *arguments: str) -> None:
    for connections in options.connections:
        results = interleaved(
            servers,
            options.rounds,
            lambda name: options.run(mode, connections, servers[name], *options.how_long, *arguments),
        )
        best = max(OURS, key=lambda name: middle(results[name], "per_cpu_s") if results[name] else 0)
        quotients = (quotient(results[best], results[peer]) for peer in ("uvicorn", "granian"))
        row(title, mode, connections, *cells(results, "per_cpu_s", "per_s", form="{:,.0f} ({:,.0f})"), *quotients)


def quotient(ours: list[dict] | None, theirs: list[dict] | None) -> str:
    if not ours or not theirs:
        return "–"
    return f"{statistics.median(mine['per_cpu_s'] / other['per_cpu_s'] for mine, other in zip(ours, theirs)):.2f}"


@contextlib.contextmanager
def all_served(app: str, options: argparse.Namespace, certificate: pathlib.Path | None = None) -> Iterator[dict]:
    """Every server's process and port."""
    with contextlib.ExitStack() as stack:
        start = functools.partial(python_server, app=app, core=options.server_core, certificate=certificate)
        yield {name: stack.enter_context(start(name)) for name in COMMANDS}


def speed(options: argparse.Namespace) -> None:
    print("Work per CPU second (per second), medians; quotients of rounds.")
    work_table()
    for title in options.applications:
        app, modes = APPLICATIONS[title]
        with all_served(app, options) as servers:
            for mode in modes:
                work_rows(title, mode, servers, options)


def deflate(options: argparse.Namespace) -> None:
    print(f"The same with permessage-deflate, {JSON_SIZE} bytes of JSON; – where a server does not negotiate it.")
    work_table()
    with all_served(RAW, options) as servers:
        work_rows("raw", "echo", servers, options, "--deflate", "-s", str(JSON_SIZE))


def tls(options: argparse.Namespace) -> None:
    usage = subprocess.run([options.load], capture_output=True, text=True, timeout=5).stderr
    if not shutil.which("openssl") or "--tls" not in usage:
        print("Over TLS nothing is measured: that needs openssl and its headers (Debian: openssl, libssl-dev).")
        return
    print("The same over TLS 1.3, without the handshakes.")
    work_table()
    with tempfile.TemporaryDirectory() as folder, all_served(RAW, options, make_certificate(folder)) as servers:
        for mode in ("http", "echo"):
            work_rows("raw", mode, servers, options, "--tls")


def latency(options: argparse.Namespace) -> None:
    print("Microseconds from when a request was due, p50 / p99, medians, at half of what the slowest can do.")
    table("application", "work", "connections", "per second", LIMIT, *COMMANDS, left=2)
    port = free_port()
    limit = served(LIMIT, [options.limit, "-p", str(port)], port, options.server_core)
    with limit as bare, all_served(RAW, options) as servers:
        servers = {LIMIT: bare} | servers
        for mode in ("http", "echo"):
            for connections in options.connections:
                latency_row(mode, connections, servers, options)


def latency_row(mode: str, connections: int, servers: dict, options: argparse.Namespace) -> None:
    def measure(name: str, *arguments: str) -> dict:
        return options.run(mode, connections, servers[name], *options.how_long, *arguments)

    able = interleaved(COMMANDS, 1, measure)
    rate = max(100, round(min((of[0]["per_s"] for of in able.values() if of), default=0) / 2, -2))
    results = interleaved(servers, options.rounds, lambda name: measure(name, "-r", str(rate)))
    row("raw", mode, connections, f"{rate:,.0f}", *cells(results, "p50_us", "p99_us", form="{:,.0f} / {:,.0f}"))


def memory_of_one(name: str, options: argparse.Namespace) -> dict[str, float]:
    with python_server(name, RAW, options.server_core) as server:
        fresh = memory(server[0])
        idle = options.run("idle", IDLE, server)
    with python_server(name, RAW, options.server_core) as server:
        sizes = [memory(server[0])]
        for _ in range(2):
            options.run("http", 32, server, "-w", "0", "-d", "1", "-r", str(REQUESTS))
            sizes.append(memory(server[0]))
    first, second = sizes[1] - sizes[0], sizes[2] - sizes[1]
    return {"fresh": fresh / 1024, "idle": idle["bytes_per_conn"], "first": first, "second": second}


def memory_table(options: argparse.Namespace) -> None:
    rounds = min(options.rounds, MEMORY_ROUNDS)
    print(f"Memory of the raw application: the proportional set size of all processes, medians of {rounds}.")
    table("", *COMMANDS, left=1)
    results = interleaved(COMMANDS, rounds, lambda name: memory_of_one(name, options))
    row("after start and a request, MiB", *cells(results, "fresh", form="{:,.1f}"))
    row(f"each of {IDLE:,} idle WebSockets, bytes (resident)", *cells(results, "idle", form="{:,.0f}"))
    row(f"growth by {REQUESTS:,} requests, KiB", *cells(results, "first", form="{:,.0f}"))
    row(f"growth by {REQUESTS:,} more, KiB", *cells(results, "second", form="{:,.0f}"))


SECTIONS = {"speed": speed, "deflate": deflate, "tls": tls, "latency": latency, "memory": memory_table}


def one_of(known: Iterable[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        if unknown := set(text.split(",")) - set(known):
            raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return text.split(",")

    return names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", required=True)
    parser.add_argument("--limit", required=True, help="the bare server beside which latencies stand")
    parser.add_argument("--sections", type=one_of(SECTIONS), default=list(SECTIONS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.8)
    parser.add_argument("--connections", type=lambda text: [int(each) for each in text.split(",")], default=[1, 32, 256])
    parser.add_argument("--applications", type=one_of(APPLICATIONS), default=list(APPLICATIONS))
    parser.add_argument("--cores", default="0,1", help="the server's, and the load generator's")
    options = parser.parse_args()
    options.server_core, load_core = options.cores.split(",")
    options.run = functools.partial(run_load, options.load, load_core)
    options.how_long = ("-d", str(options.seconds), "-w", str(WARM_UP))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end, too
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the servers', too, for idle connections
    print(f"{options.rounds} rounds of {options.seconds:g} s, {os.cpu_count()} cores.")
    for section in options.sections:
        print()
        SECTIONS[section](options)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
