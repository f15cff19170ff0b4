# SPDX-License-Identifier: Apache-2.0
"""Lets clients misbehave against the echo server, and looks whether it minds. Called by scripts/chaos.

In this order, while a healthy client echoes all the time:
  churn      clients that open, reset, close, half-close and vanish in the middle of everything, at random
  deaf       a peer that reads nothing of a broadcast: the server has to cut it, and its memory to stay small
  exhausted  more clients than the server may have descriptors; later ones are served once they are gone
  rest       all clients gone: the server has its descriptors and its memory back
  stop       SIGTERM in the middle of more churn: exit 0, in time
"""

import argparse
import concurrent.futures
import contextlib
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time

from chaos_peers import PATIENCE, WAYS, Broken, HealthyClient, Peer, frame
from local_server import LocalServer

DESCRIPTORS = 256  # that the server may have
CAP = 64 << 20  # unsent bytes at which the server cuts a connection
STOP_TIMEOUT = 10  # seconds that the server gives its connections when it stops
MEMORY_SLACK = 24 << 20  # what an allocator may keep of what it was given back, for all threads
MEGABYTE = 1 << 20


class Run:
    """One server and what is done to it."""

    def __init__(self, arguments, surface):
        self.arguments = arguments
        self.surface = surface
        self.faults = []
        self.log = tempfile.TemporaryFile("w+")
        command = [
            *arguments.program, "echo", "--port", "0", "--engine", arguments.engine, "--surface", surface,
            "--threads", "2", "--open-timeout", "2", "--close-timeout", "2", "--no-deflate",
        ]  # fmt: skip
        limited = ["sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$0" "$@"', *command]
        self.server = LocalServer(limited, log=self.log)
        self.port = self.server.port
        self.random = random.Random(arguments.seed)

    def fault(self, sentence):
        self.faults.append(sentence)
        self.say(f"WRONG: {sentence}")

    def say(self, text):
        print(f"{self.surface}: {text}", flush=True)

    # What the system knows of the server

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def memory(self):
        with open(f"/proc/{self.server.process.pid}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    def wait_for(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or self.server.process.poll() is not None:
                return False
            time.sleep(0.05)
        return True

    # The parts

    def everything(self):
        with contextlib.suppress(ConnectionError):
            self.warm_up()
        descriptors, memory = self.descriptors(), self.memory()
        self.say(f"at the start {descriptors} descriptors and {memory / MEGABYTE:.1f} MiB")
        healthy = HealthyClient(self.port)
        self.churn()
        self.deaf()
        self.exhausted()
        self.judge(healthy.stop())
        self.rest(descriptors, memory)
        self.stop()
        return self.faults

    def warm_up(self):
        """So that what is made once is there: threads, pools, the allocator's arenas."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda seed: WAYS[-1](Peer(self.port), random.Random(seed)), range(64)))
        self.wait_for(lambda: False, 0.3)

    def churn(self):
        seconds, count = self.arguments.seconds, self.arguments.connections
        start = time.monotonic()

        def client(number):
            # So many a second, however long each takes.
            time.sleep(max(0.0, start + number * seconds / count - time.monotonic()))
            return self.misbehave(number)

        with concurrent.futures.ThreadPoolExecutor(48) as pool:
            complaints = [complaint for complaint in pool.map(client, range(count)) if complaint]
        if complaints:
            self.fault(f"{len(complaints)} of {count} clients got something else than was due; {complaints[0]}")
        self.say(f"churn: {count} connections in {time.monotonic() - start:.0f} s")

    def misbehave(self, number):
        """What the client has to complain of."""
        numbers = random.Random(self.arguments.seed * 1_000_003 + number)
        way = numbers.choice(WAYS)
        try:
            with Peer(self.port) as peer:
                way(peer, numbers)
        except (OSError, Broken) as error:
            return f"number {number}, to {way.__name__}: {type(error).__name__}: {error}"
        return None

    def deaf(self):
        message = frame(2, bytes(MEGABYTE))
        peak = start = self.memory()
        with Peer(self.port, receive_buffer=4096) as deaf, Peer(self.port) as speaker:
            deaf.open("/broadcast")
            speaker.open("/broadcast")
            for _ in range(self.arguments.queued):
                speaker.send(message)
                speaker.receive_message()
                peak = max(peak, self.memory())
            ends = select.poll()
            ends.register(deaf.socket, 0)  # an error or hanging up is told in any case
            if not ends.poll(PATIENCE * 1000):
                self.fault(f"a peer that read nothing of {self.arguments.queued} MiB was not cut")
        if peak - start > 2 * CAP:
            self.fault(f"memory grew by {(peak - start) / MEGABYTE:.0f} MiB for a peer that reads nothing")
        self.say(f"deaf: {self.arguments.queued} MiB broadcast, memory grew by {(peak - start) / MEGABYTE:.0f} MiB")

    def exhausted(self):
        peers = []
        with contextlib.ExitStack() as stack:
            # Looked at all the time: on a busy machine the first clients may have had to go before the last have come.
            full = False
            for _ in range(2 * DESCRIPTORS):
                peers.append(stack.enter_context(Peer(self.port)))
                full = full or self.descriptors() >= DESCRIPTORS - 1
            full = full or self.wait_for(lambda: self.descriptors() >= DESCRIPTORS - 1, 10)
            held = max(1.0, self.arguments.seconds / 10)
            cpu = self.cpu()
            self.wait_for(lambda: False, held)
            cpu = self.cpu() - cpu
            if not full:
                self.fault("the descriptors did not run out, which this part is about")
            if cpu > held / 2:
                self.fault(f"without descriptors the server was busy for {cpu:.1f} s of {held:.1f} s")
        try:
            with Peer(self.port) as late:
                late.open()
                late.echo(b"late")
        except (OSError, Broken) as error:
            self.fault(f"after descriptors had run out a new client was not served: {error}")
        warnings = self.logged("no connections are accepted")
        if not 1 <= warnings <= 3 + held / 5:
            self.fault(f"that descriptors had run out was logged {warnings} times")
        self.say(f"exhausted: {len(peers)} clients for {DESCRIPTORS} descriptors, {warnings} warnings")

    def cpu(self):
        with open(f"/proc/{self.server.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def logged(self, text):
        self.log.seek(0)
        return sum(text in line for line in self.log)

    def judge(self, outcome):
        count, worst, error = outcome
        if error:
            self.fault(f"the healthy client was not served throughout; {error}")
        if worst > self.arguments.latency:
            self.fault(f"the healthy client waited {worst:.2f} s for an echo")
        self.say(f"healthy client: {count} echoes, the longest wait {worst * 1000:.0f} ms")

    def rest(self, descriptors, memory):
        if not self.wait_for(lambda: self.descriptors() <= descriptors, PATIENCE):
            self.fault(f"{self.descriptors() - descriptors} descriptors were not given back")
        # SwiftNIO leaves memory to the allocator, which keeps what something younger lies behind: that is only said.
        is_native = self.arguments.engine == "native"
        if is_native and not self.wait_for(lambda: self.memory() <= memory + MEMORY_SLACK, PATIENCE):
            self.fault(f"{(self.memory() - memory) / MEGABYTE:.0f} MiB were not given back")
        self.say(f"at rest {self.descriptors()} descriptors and {self.memory() / MEGABYTE:.1f} MiB")

    def stop(self):
        process = self.server.process
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            clients = [pool.submit(self.misbehave, number) for number in range(min(600, self.arguments.connections))]
            with contextlib.suppress(OSError, Broken):
                silent = Peer(self.port)
                silent.open()
            self.wait_for(lambda: sum(client.done() for client in clients) >= 50, 10)
            start = time.monotonic()
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(STOP_TIMEOUT + 3)
                self.say(f"stop: ended with {status} after {time.monotonic() - start:.1f} s")
                if status != 0:
                    self.fault(f"the server ended with {status} when it was told to stop")
            except subprocess.TimeoutExpired:
                self.fault(f"the server did not stop within {STOP_TIMEOUT + 3} s")
                process.kill()
            for client in clients:
                client.cancel()


def main():
    parser = argparse.ArgumentParser(prog="scripts/chaos")
    parser.add_argument("--program", required=True, type=lambda text: [text], help=argparse.SUPPRESS)
    parser.add_argument("--engine", choices=["native", "nio"], default="native")
    parser.add_argument("--surface", choices=["async", "callback"], help="both, one after the other, unless told")
    parser.add_argument("--seconds", type=float, default=60, help="of churn")
    parser.add_argument("--connections", type=int, help="of churn; 10,000 a minute unless told")
    parser.add_argument("--queued", type=int, help="MiB for the peer that reads nothing; 1024 unless the run is short")
    parser.add_argument("--latency", type=float, default=1, help="seconds that the healthy client may wait at most")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.connections = arguments.connections or int(arguments.seconds * 10_000 / 60)
    arguments.queued = arguments.queued or (1024 if arguments.seconds >= 30 else 192)

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    faults = []
    for surface in [arguments.surface] if arguments.surface else ["async", "callback"]:
        run = Run(arguments, surface)
        try:
            faults += run.everything()
        finally:
            if run.server.process.poll() is None:
                run.server.process.kill()
            elif run.server.process.returncode not in (0, -signal.SIGKILL):
                run.log.seek(0)
                print("".join(run.log.readlines()[-30:]), file=sys.stderr)
    print(f"{len(faults)} faults" if faults else "nothing went wrong")
    sys.exit(1 if faults else 0)


main()
