# SPDX-License-Identifier: Apache-2.0
"""Runs the package in Benchmarks/ and compares what belongs together: a line per benchmark, and the two bars.

Times are medians, in nanoseconds for one iteration. All of one run, so that ratios mean something on a busy machine.
"""

import json
import subprocess
import sys

COMMAND = ["swift", "package", "--allow-writing-to-package-directory", "benchmark"]

# What is compared with what in the same run.
YARDSTICKS = {
    "unmask 16 KiB": "copy 16 KiB",
    "receive a frame of 16 B": "NIOWebSocket: receive a frame of 16 B",
    "receive 64 frames of 16 B": "NIOWebSocket: receive 64 frames of 16 B",
    "validate 16 KiB of ASCII": "standard library: validate 16 KiB of ASCII",
    "validate 16 KiB of mixed text": "standard library: validate 16 KiB of mixed text",
    "parse a GET of 68 B": "NIOHTTP1: parse a GET of 68 B",
    "parse an upgrade of 523 B": "NIOHTTP1: parse an upgrade of 523 B",
}


def measure(arguments):
    """The median of each benchmark, by name."""
    command = [*COMMAND, "--format", "jmh", "--path", "stdout", "--no-progress", *arguments]
    text = subprocess.run(command, cwd="Benchmarks", stdout=subprocess.PIPE, text=True, check=True).stdout
    return medians(text)


def medians(text):
    """Reads the list of results out of what stands around it."""
    results = None
    decoder = json.JSONDecoder()
    start = text.find("[")
    while start >= 0 and results is None:
        try:
            value, _ = decoder.raw_decode(text, start)
            if value and isinstance(value[0], dict):
                results = value
        except ValueError:
            pass
        start = text.find("[", start + 1)
    if not results:
        sys.exit("bench: the benchmarks printed no results")
    times = {}
    for result in results:
        for metric, values in result["secondaryMetrics"].items():
            if "wall clock" in metric:
                # Microseconds for the 1000 iterations that are measured together.
                times[result["benchmark"].split(".")[-1].replace("_", " ")] = values["scorePercentiles"]["50.0"]
    return times


def bar(name, times, is_met, demand):
    if name not in times or YARDSTICKS[name] not in times:
        return True
    ratio = times[YARDSTICKS[name]] / times[name]
    met = is_met(ratio)
    print(f"{'met    ' if met else 'NOT MET'} {name}: {demand}, is {ratio:.2f}")
    return met


def main():
    times = measure(sys.argv[1:])
    print(f"{'':50} {'ns':>10} {'times as fast as':>18}")
    for name, time in sorted(times.items()):
        yardstick = times.get(YARDSTICKS.get(name, ""))
        ratio = f"{yardstick / time:8.2f} x {YARDSTICKS[name]}" if yardstick else ""
        print(f"{name:50} {time:10.1f} {ratio}")
    print()
    bars = [
        bar("unmask 16 KiB", times, lambda r: r >= 0.7, "at least 0.7 of the bandwidth of copying"),
        bar("receive a frame of 16 B", times, lambda r: r >= 50, "at least 50 times as fast as NIOWebSocket"),
    ]
    sys.exit(0 if all(bars) else 1)


if __name__ == "__main__":
    main()
