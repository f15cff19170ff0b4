# SPDX-License-Identifier: Apache-2.0
"""Measures the echo server beside a bare C server, in interleaved rounds. Called by scripts/bench.

The figure is work per second of CPU time that the server used, as a ratio to the baseline's figure in the same round;
of these ratios the median counts. It hardly depends on who else uses the machine. Server and load generator are pinned
to a core each where there are two.

The load generator is run as `PROGRAM MODE OPTIONS -p PORT --pid PID -d SECONDS -w SECONDS`, with -d for how long to
measure and -w for warming up. It prints one line of JSON with `per_cpu_s` (messages per CPU-second of the process PID),
for the mode `idle` with `bytes_per_conn`, and with `errors` and `first_error`. Modes: echo, connect, idle, broadcast,
http; the options are those in WORKLOADS. The baseline is run as `PROGRAM -p PORT` and echoes on every path.
"""

import argparse
import json
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys

from local_server import LocalServer, free_port

# name: what, arguments of the load generator, the bar: a ratio, or bytes for idle connections
WORKLOADS = {
    "small": ("16 B text, 64 connections", "echo -c 64 -s 16 --spin", 0.62),
    "in-flight": ("125 B text, 64 connections, 16 in flight each", "echo -c 64 -s 125 -P 16 --spin", 0.28),
    "16-kib": ("16 KiB binary, 8 connections", "echo -c 8 -s 16384 -b --spin", 0.60),
    "1-mib": ("1 MiB binary, 4 connections", "echo -c 4 -s 1048576 -b --spin", 0.55),
    "idle": ("5,000 idle connections, bytes each", "idle -c 5000 --hold 1.5", 6656),
    "one": ("32 B text, one connection", "echo -c 1 -s 32 --spin", None),
    "connect": ("connect, upgrade, close, 32 at a time", "connect -c 32 --spin", None),
    "broadcast": ("64 B text to 1,000 connections", "broadcast -c 1000 -s 64 --path /broadcast --spin", None),
    "http": ("GET / on kept-alive connections, 64", "http -c 64 --spin --expect 'Hello, World!'", None),
}  # fmt: skip
WITH_A_BAR = [name for name, (_, _, bar) in WORKLOADS.items() if bar]


def pinned(core, command):
    usable = shutil.which("taskset") and (os.cpu_count() or 1) >= 2
    return ["taskset", "-c", str(core), *command] if usable else command


def measure(server, workload, arguments):
    _, load, _ = WORKLOADS[workload]
    where = ["-p", str(server.port), "--pid", str(server.process.pid)]
    how_long = ["-d", str(arguments.seconds), "-w", str(arguments.warm_up)]
    command = [*arguments.load_generator, *shlex.split(load), *where, *how_long]
    run = subprocess.run(pinned(1, command), capture_output=True, text=True)
    if not run.stdout.strip():
        sys.exit(f"The load generator failed at {workload}: {run.stderr.strip()}")
    result = json.loads(run.stdout)
    if result.get("errors"):
        print(f"{workload}: {result['errors']} errors, the first: {result.get('first_error')}", file=sys.stderr)
    return result["bytes_per_conn" if workload == "idle" else "per_cpu_s"]


def round_of(arguments, figures):
    """One visit of every workload to both servers, started anew; appends (ours, baseline's) to the figures."""
    for workload in arguments.workloads:
        pair = []
        port = free_port()
        for command, where in ((arguments.ours, None), ([*arguments.baseline, "-p", str(port)], port)):
            with LocalServer(pinned(0, command), where) as server:
                pair.append(measure(server, workload, arguments))
        figures[workload].append(pair)
        print(f"{workload}: {pair[0]:.0f} beside {pair[1]:.0f}", file=sys.stderr)


def report(figures):
    """Prints the table; true when a bar is not reached."""
    missed = False
    print("| workload | ours | baseline | ratio, median | from | to | bar |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for workload, pairs in figures.items():
        what, _, bar = WORKLOADS[workload]
        ours, baseline = (statistics.median(column) for column in zip(*pairs))
        ratios = [mine / limit for mine, limit in pairs]
        ratio = statistics.median(ratios)
        bar_text = "" if bar is None else f"at most {bar}" if workload == "idle" else f"at least {bar:.2f}"
        if bar is not None and (ours > bar if workload == "idle" else ratio < bar):
            missed = True
            bar_text += ", missed"
        range_text = f"{min(ratios):.2f} | {max(ratios):.2f}"
        print(f"| {what} | {ours:,.0f} | {baseline:,.0f} | {ratio:.2f} | {range_text} | {bar_text} |")
    return missed


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench macro")
    parser.add_argument("--load-generator", required=True, type=shlex.split)
    parser.add_argument("--baseline", required=True, type=shlex.split)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of measuring, for each run")
    parser.add_argument("--warm-up", type=float, default=2.0, help="seconds, for each run")
    parser.add_argument("--surface", choices=["async", "callback"], default="async")
    parser.add_argument(
        "--workloads", default=",".join(WITH_A_BAR), help=f"of {','.join(WORKLOADS)}; those with a bar unless told"
    )
    parser.add_argument("--program", required=True, type=shlex.split, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.workloads = arguments.workloads.split(",")
    for unknown in set(arguments.workloads) - set(WORKLOADS):
        parser.error(f"there is no workload {unknown}")
    arguments.ours = [*arguments.program, "echo", "--host", "127.0.0.1", "--port", "0", "--max-size", str(16 << 20)]
    if arguments.surface != "async":
        arguments.ours += ["--surface", arguments.surface]

    # 5,000 connections are 5,000 descriptors, in each of the two processes that inherit this limit.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    figures = {workload: [] for workload in arguments.workloads}
    for number in range(arguments.rounds):
        print(f"Round {number + 1} of {arguments.rounds}", file=sys.stderr)
        round_of(arguments, figures)
    sys.exit(1 if report(figures) else 0)


main()
