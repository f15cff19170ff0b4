# SPDX-License-Identifier: Apache-2.0
"""Measures the echo server beside the limit, a bare C server, in interleaved rounds. Called by scripts/bench.

The figure is work per second of CPU time that the server used, as a ratio to the limit's figure in the same round; of
these ratios the median counts. It hardly depends on who else uses the machine. Server and load generator are pinned to
a core each where there are two.

Both C programs are in Benchmarks/Load. Others can take their place. A load generator is run as `PROGRAM MODE OPTIONS
-p PORT --pid PID -d SECONDS -w SECONDS`, with -d for how long to measure and -w for warming up, and MODE and OPTIONS as
in WORKLOADS. It prints one line of JSON with `per_cpu_s`, the work for each CPU-second of the process PID, or for the
mode `idle` with `bytes_per_conn`; other than 0 in `errors`, or as its exit code, makes the measurement void. A limit is
run as `PROGRAM -p PORT`, for the workload `deflate` with `-z 6`, and does what Benchmarks/Load/limit.c says. A peer is
measured beside our variants; it has to be one process that echoes messages and serves `Hello, World!`, as the application
in Benchmarks/Peers does.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import statistics
import subprocess
import sys

from local_server import LocalServer, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]

# name: what, arguments of the load generator, bars: a ratio for each variant, or bytes for idle connections
WORKLOADS = {
    "small": (
        "16 B × 64 connections",
        "echo -c 64 -s 16 --spin",
        {"native callback": 0.92, "native async": 0.85},
    ),
    "in-flight": (
        "125 B × 64, 16 in flight",
        "echo -c 64 -s 125 -P 16 --spin",
        {"native callback": 0.80, "native async": 0.45},
    ),
    "16-kib": (
        "16 KiB × 8",
        "echo -c 8 -s 16384 -b --spin",
        {"native callback": 0.95, "native async": 0.90},
    ),
    "1-mib": (
        "1 MiB × 4",
        "echo -c 4 -s 1048576 -b --spin",
        {"native callback": 1.00, "native async": 0.90},
    ),
    "connect": (
        "connect, upgrade, close",
        "connect -c 32 --spin",
        {"native callback": 0.80, "native async": 0.65},
    ),
    "idle": (
        "5,000 idle connections, bytes each",
        "idle -c 5000 --hold 1.5",
        {"native callback": 1200, "native async": 2500},
    ),
    "broadcast": (
        "broadcast 64 B to 1,000",
        "broadcast -c 1000 -s 64 --path /broadcast --spin",
        {"native callback": 0.93, "native async": 0.93},
    ),
    "deflate": (
        "permessage-deflate echo, 1 KiB JSON",
        "echo -c 64 -s 1024 --deflate --spin",
        {"native callback": 0.98, "native async": 0.94},
    ),
    "http": (
        "HTTP keep-alive `Hello, World!`",
        "http -c 64 --spin --expect 'Hello, World!'",
        {"native callback": 0.80, "native async": 0.75, "native asgi": 0.65},
    ),
}
ENGINES = ["native", "nio"]
# With asgi it is `alicorn hello`, an application behind the application server.
SURFACES = ["callback", "async", "asgi"]
VARIANTS = [f"{engine} {surface}" for engine in ENGINES for surface in SURFACES]
LIMIT = "the limit"


def pinned(core, command):
    usable = shutil.which("taskset") and (os.cpu_count() or 1) >= 2
    return ["taskset", "-c", str(core), *command] if usable else command


def start_limit(workload, arguments):
    port = free_port()
    compression = ["-z", "6"] if workload == "deflate" else []
    return LocalServer(pinned(0, [*arguments.baseline, "-p", str(port), *compression]), port)


def start_variant(variant, arguments):
    if variant in arguments.peers:
        port = free_port()
        command = [word.replace("{port}", str(port)) for word in arguments.peers[variant]]
        return LocalServer(pinned(0, command), port)
    *engine, surface = variant.split()
    if surface == "asgi":
        port = free_port()
        command = [*arguments.program, "hello", "--host", "127.0.0.1", "--port", str(port), "--threads", "1"]
        command += ["--no-access-log", "--log-level", "warning"] + (["--engine", engine[0]] if engine else [])
        return LocalServer(pinned(0, command), port)
    # 16 MiB, because the longest message is longer than what the server accepts unless told.
    command = [*arguments.program, "echo", "--host", "127.0.0.1", "--port", "0", "--max-size", str(16 << 20)]
    command += ["--threads", "1", "--surface", surface]
    command += ["--engine", engine[0]] if engine else []
    return LocalServer(pinned(0, command))


def measure(server, workload, arguments):
    """The figure of one run, or None after a sentence on standard error."""
    _, load, _ = WORKLOADS[workload]
    where = ["-p", str(server.port), "--pid", str(server.process.pid)]
    how_long = ["-d", str(arguments.seconds), "-w", str(arguments.warm_up)]
    command = [*arguments.load_generator, *shlex.split(load), *where, *how_long]
    run = subprocess.run(pinned(1, command), capture_output=True, text=True)
    result = json.loads(run.stdout) if run.stdout.strip() else {}
    if run.returncode or result.get("errors"):
        reason = run.stderr.strip() or result.get("first_error") or f"it ended with {run.returncode}"
        print(f"The load generator failed at {workload}: {reason}", file=sys.stderr)
        return None
    return result["bytes_per_conn" if workload == "idle" else "per_cpu_s"]


def lacks(name, workload):
    """Whether there is nothing to measure: an application has no broadcast."""
    return workload == "broadcast" and (name.endswith("asgi") or name not in {LIMIT, *VARIANTS, *SURFACES})


def measure_round(number, arguments, figures):
    """One visit of every workload to every server, started anew; appends to figures[workload][server]."""
    turn = number % len(figures.servers)
    for workload in arguments.workloads:
        # Another server first in each round: what changes with time hits all of them.
        for name in figures.servers[turn:] + figures.servers[:turn]:
            if lacks(name, workload):
                figures.add(workload, name, None)
                continue
            start = start_limit(workload, arguments) if name == LIMIT else start_variant(name, arguments)
            with start as server:
                figures.add(workload, name, measure(server, workload, arguments))
        print(f"{workload}: {figures.last(workload)}", file=sys.stderr)


class Figures:
    """What was measured: for each workload and server a figure of every round, None where there is none."""

    def __init__(self, workloads, variants):
        self.variants = variants
        self.servers = [LIMIT, *variants]
        self.of = {workload: {server: [] for server in self.servers} for workload in workloads}

    def add(self, workload, server, figure):
        self.of[workload][server].append(figure)

    def last(self, workload):
        return ", ".join(f"{server} {number(figures[-1])}" for server, figures in self.of[workload].items())

    def judged(self, workload, variant):
        """All that counts against a bar: ratios to the limit of the same round, or bytes."""
        mine, limits = self.of[workload][variant], self.of[workload][LIMIT]
        if workload == "idle":
            return [figure for figure in mine if figure is not None]
        return [figure / limit for figure, limit in zip(mine, limits) if figure and limit]


def number(figure):
    return "none" if figure is None else f"{figure:,.0f}"


def cell(workload, variant, judged):
    """The median, half of the distance between the extremes, and the bar; whether it was reached."""
    if lacks(variant, workload):
        return "", True
    if not judged:
        return "failed", False
    median, spread = statistics.median(judged), (max(judged) - min(judged)) / 2
    bar = WORKLOADS[workload][2].get(variant)
    if workload == "idle":
        text, bar_text, reached = number(median), f"at most {number(bar or 0)}", bar is None or median <= bar
    else:
        # Compared as printed: 0.92 is not missed by 0.9199.
        text, bar_text = f"{median:.2f} ± {spread:.2f}", f"{bar or 0:.2f}"
        reached = bar is None or round(median, 2) >= bar
    if bar is not None:
        text += f" ({bar_text})" if reached else f" ({bar_text}, **missed**)"
    return text, reached


def table(figures):
    """The rows in Markdown, and whether every bar was reached."""
    rows = [f"| work | {LIMIT} | " + " | ".join(figures.variants) + " |"]
    rows.append("| --- |" + " ---: |" * len(figures.servers))
    all_reached = True
    for workload, by_server in figures.of.items():
        limits = [figure for figure in by_server[LIMIT] if figure is not None]
        cells = [WORKLOADS[workload][0], number(statistics.median(limits) if limits else None)]
        for variant in figures.variants:
            text, reached = cell(workload, variant, figures.judged(workload, variant))
            cells.append(text)
            all_reached = all_reached and reached
        rows.append("| " + " | ".join(cells) + " |")
    return rows, all_reached


def record(rows, arguments):
    """Writes the table of this run between its two markers in docs/performance.md."""
    when = f"{datetime.date.today()}, {processor()}; {arguments.rounds} rounds of {arguments.seconds:g} s."
    file = ROOT / "docs" / "performance.md"
    pattern = re.compile(r"(<!-- bench macro -->\n).*?(<!-- end of bench macro -->)", re.DOTALL)
    text, replaced = pattern.subn(lambda m: f"{m[1]}\n{when}\n\n" + "\n".join(rows) + f"\n\n{m[2]}", file.read_text())
    if not replaced:
        sys.exit("docs/performance.md has no section between the markers `bench macro`")
    file.write_text(text)


def processor():
    model = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    cores = len(os.sched_getaffinity(0))
    return f"{cores} {'core' if cores == 1 else 'cores'} of {model[1] if model else 'an unknown processor'}"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench macro")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of measuring, for each run")
    parser.add_argument("--warm-up", type=float, default=1.0, help="seconds, for each run")
    parser.add_argument("--workloads", default=",".join(WORKLOADS), help=f"of {','.join(WORKLOADS)}; all unless told")
    parser.add_argument(
        "--variants",
        default=",".join(VARIANTS),
        help=f"of {','.join(VARIANTS)}, or a surface alone for the server's choice of engine; all unless told",
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=COMMAND",
        help="another server beside ours, with {port} where its command names the port; may be given several times",
    )
    parser.add_argument("--record", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--load-generator", type=shlex.split, help="instead of our own")
    parser.add_argument("--baseline", type=shlex.split, help="the limit, instead of our own")
    parser.add_argument("--program", required=True, type=shlex.split, help=argparse.SUPPRESS)
    parser.add_argument("--built", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.workloads = arguments.workloads.split(",")
    arguments.variants = arguments.variants.split(",")
    arguments.peers = {name: shlex.split(command) for name, _, command in (peer.partition("=") for peer in arguments.peer)}
    arguments.load_generator = arguments.load_generator or [f"{arguments.built}/load"]
    arguments.baseline = arguments.baseline or [f"{arguments.built}/limit"]
    for unknown in set(arguments.workloads) - set(WORKLOADS):
        parser.error(f"there is no workload {unknown}")
    for unknown in set(arguments.variants) - set(VARIANTS) - set(SURFACES):
        parser.error(f"there is no variant {unknown}")
    arguments.variants += arguments.peers
    if arguments.rounds < 1:
        parser.error("there is nothing to say after no round")
    return arguments


def main():
    arguments = parse_arguments()
    # 5,000 connections are 5,000 descriptors, in each of the two processes that inherit this limit.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # Ended from outside, it leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Terminated."))

    figures = Figures(arguments.workloads, arguments.variants)
    for round_number in range(arguments.rounds):
        print(f"Round {round_number + 1} of {arguments.rounds}", file=sys.stderr)
        measure_round(round_number, arguments, figures)
    rows, all_reached = table(figures)
    print("\n".join(rows))
    if arguments.record:
        record(rows, arguments)
    sys.exit(0 if all_reached else 1)


main()
