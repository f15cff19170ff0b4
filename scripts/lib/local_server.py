# SPDX-License-Identifier: Apache-2.0
"""A server on 127.0.0.1 that a script starts, uses and stops."""

import re
import socket
import subprocess
import sys
import time


class LocalServer:
    """The server that `command` starts, for the time of a `with` block.

    Without a port it has to choose one itself and to say so in its first line: `listening on ws://127.0.0.1:PORT`.
    """

    def __init__(self, command, port=None, log=subprocess.DEVNULL):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            self.port = port or self.announced_port()
            wait_until_listening(self.port, self.process)
        except BaseException:
            self.process.kill()
            raise

    def announced_port(self):
        line = self.process.stdout.readline()
        address = re.search(r"ws://[^\s/]+:(\d+)", line)
        if not address:
            sys.exit(f"The server did not say where it listens: {line.strip() or 'it printed nothing'}")
        return int(address[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        ended = self.process.poll()
        if ended is not None:
            print(f"The server ended by itself, with {ended}.", file=sys.stderr)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_listening(port, process):
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.03)
    process.kill()
    sys.exit(f"Nothing listens on port {port}: {process.args[0]} ended, or took more than a minute.")
