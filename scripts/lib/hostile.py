# SPDX-License-Identifier: Apache-2.0
"""Sets crowds of hostile clients on an application server, and measures how others are served. Called by scripts/hostile.

All at once, a wave at a time:
  dribblers  send a byte a second, of heads and of frames
  idlers     thousands of connections at rest, half of them WebSockets
  flood      opening handshakes as fast as a process can, half of them reset
  deaf       ask for large echoes, and read nothing
Meanwhile a client over HTTP and one over WebSocket do what clients do. Each crowd and each client is a process of its
own. Behind the last wave the server is told to stop in the middle of one more.
"""

import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

from hostile_peers import MEGABYTE, Crowd, deaf, dribblers, flood, healthy_http, healthy_web_socket, idlers
from local_server import LocalServer

GRACE = 5  # seconds that the server gives its connections when it stops
SETTLING = 15  # seconds that it has to give back what a wave has taken
SLACK = 16 * MEGABYTE  # by which both the most memory of the last wave and what it leaves may be above the first's
# SwiftNIO leaves memory that it was given back to the allocator, which keeps what something younger lies behind.
MOST_MEMORY = {"native": 128, "nio": 320}


class ApplicationServer(LocalServer):
    """`alicorn hello`, which says in its log where it listens."""

    def __init__(self, program, engine, idle_time):
        self.log = tempfile.TemporaryFile("w+")
        super().__init__(
            [
                *program, "hello", "--port", "0", "--engine", engine, "--no-access-log",
                "--timeout-keep-alive", str(idle_time), "--timeout-graceful-shutdown", str(GRACE),
            ],
            log=self.log,
        )  # fmt: skip

    def announced_port(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            address = re.search(r"running on http://[^\s/]+:(\d+)", self.logged())
            if address:
                return int(address[1])
            time.sleep(0.03)
        sys.exit(f"The server did not say where it listens: {self.logged() or 'it wrote nothing'}")

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def peak(self):
        """The most memory since `forget_peak`."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s*(\d+) kB", file.read())[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Run:
    """One server, and what is done to it."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.faults = []
        # Longer than a wave, as otherwise those at rest over HTTP would go before its end.
        self.server = ApplicationServer(arguments.program, arguments.engine, int(arguments.seconds) + 60)
        self.crowds = []

    def fault(self, sentence):
        self.faults.append(sentence)
        self.say(f"WRONG: {sentence}")

    def say(self, text):
        print(f"{self.arguments.engine}: {text}", flush=True)

    def everything(self):
        try:
            self.wait(1)
            descriptors = self.server.descriptors()
            self.say(f"at the start {self.server.memory() / MEGABYTE:.1f} MiB, {load()}")
            waves = [self.wave(number + 1, descriptors) for number in range(self.arguments.waves)]
            # It comes down again, or an allocator keeps it and it does not go up: one of both.
            grown = min(last - first for first, last in zip(waves[0], waves[-1]))
            if self.arguments.engine == "native" and grown > SLACK:
                self.fault(f"memory grows from wave to wave, by {grown / MEGABYTE:.0f} MiB")
            self.stop()
        finally:
            for crowd in self.crowds:
                crowd.kill()
            self.server.process.kill()
        return self.faults

    def attack(self):
        return [
            self.start(crowd, size)
            for crowd, size in [(dribblers, 50), (idlers, self.arguments.idle), (flood, 32), (deaf, 50)]
        ]

    def start(self, crowd, size, **how):
        self.crowds.append(Crowd(crowd, self.server.port, size, **how))
        return self.crowds[-1]

    def wave(self, number, descriptors):
        """One wave; returns the most memory that it took, and what is left of that."""
        self.server.forget_peak()
        healthy = [self.start(client, 1, niceness=0) for client in (healthy_http, healthy_web_socket)]
        attack = self.attack()
        start = time.monotonic()
        self.wait(self.arguments.seconds)
        outcomes = [(client.name, *client.stop()) for client in healthy]
        seconds = time.monotonic() - start
        counts = {}
        for crowd in attack:
            counts[crowd.name], error = crowd.stop()
            if error:
                self.fault(f"the crowd of {crowd.name} got something else than was due; {error}")
        self.say(f"wave {number}: {load()}; {told(counts)}")
        for outcome in outcomes:
            self.judge(*outcome)
        rate = counts["flood"].get("answered", 0) / seconds
        after = self.settled(descriptors)
        peak = self.server.peak()
        self.say(
            f"{rate:,.0f} handshakes answered a second; memory at most {peak / MEGABYTE:.1f} MiB, "
            f"afterwards {after / MEGABYTE:.1f} MiB"
        )
        most = self.arguments.memory or MOST_MEMORY[self.arguments.engine]
        if peak > most * MEGABYTE:
            self.fault(f"memory was above {most} MiB")
        return peak, after

    def judge(self, name, counts, error):
        times = sorted(counts.get("round trips", []))
        if error:
            self.fault(f"{name} was not served: {error}")
        if not times:
            return self.fault(f"{name} had no answer")
        half, most, longest = (1000 * times[int(part * (len(times) - 1))] for part in (0.5, 0.99, 1))
        self.say(f"{name}: p50 {half:.1f} ms, p99 {most:.1f} ms, max {longest:.1f} ms of {len(times):,} round trips")
        if most >= self.arguments.latency:
            self.fault(f"{name} waited longer than {self.arguments.latency:g} ms for one answer in a hundred")

    def settled(self, descriptors):
        """Waits until all is given back; returns the memory that is left."""
        end = time.monotonic() + SETTLING
        while self.server.descriptors() > descriptors and time.monotonic() < end:
            time.sleep(0.05)
        kept = self.server.descriptors() - descriptors
        if kept > 0:
            self.fault(f"{kept} descriptors were not given back")
        self.wait(1)
        return self.server.memory()

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.server.process.poll() is None:
            time.sleep(0.05)

    def stop(self):
        process = self.server.process
        self.attack()
        self.wait(min(2, self.arguments.seconds))
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(GRACE + 5)
        except subprocess.TimeoutExpired:
            return self.fault(f"the server did not stop within {GRACE + 5} s")
        self.say(f"stop: ended with {status} after {time.monotonic() - start:.1f} s")
        # U-XC-02: it ends in order, and then as the signal would have ended it.
        if status != -signal.SIGTERM or "Finished server process" not in self.server.logged():
            self.fault(f"told to stop by SIGTERM the server ended with {status}; its last lines are\n{self.last_lines()}")

    def last_lines(self):
        return "\n".join(self.server.logged().splitlines()[-10:])


def told(counts):
    return "; ".join(
        f"{name} " + ", ".join(f"{number:,} {what}" for what, number in by_what.items())
        for name, by_what in counts.items()
    )


def load():
    return f"load average {os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/hostile")
    parser.add_argument("--program", required=True, type=lambda text: [text], help=argparse.SUPPRESS)
    parser.add_argument("--engine", choices=["native", "nio"], default="native")
    parser.add_argument("--seconds", type=float, default=20, help="of each wave")
    parser.add_argument("--waves", type=int, default=2)
    parser.add_argument("--idle", type=int, default=5000, help="connections at rest")
    parser.add_argument("--memory", type=int, help=f"MiB that the server may take at most; {MOST_MEMORY} unless told")
    parser.add_argument("--latency", type=float, default=100, help="ms at which the 99th percentile is too long")
    arguments = parser.parse_args()

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    faults = Run(arguments).everything()
    print(f"{len(faults)} faults" if faults else "nothing went wrong")
    sys.exit(1 if faults else 0)


main()
