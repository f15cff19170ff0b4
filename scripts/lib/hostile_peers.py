# SPDX-License-Identifier: Apache-2.0
"""Crowds of clients that cost a server as much as they can, each crowd in a process of its own, and clients that measure
how others are served meanwhile. For hostile.py."""

import contextlib
import multiprocessing
import os
import select
import time

from chaos_peers import Broken, Peer, frame, handshake

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
MEGABYTE = 1 << 20
NICENESS = 5  # a real crowd has processors of its own, and takes none from the server


class Crowd:
    """Runs `body(port, size, goes_on, count)` in a process of its own until told to stop.

    `goes_on()` says whether to go on, `count(name)` counts what `stop` is to tell of.
    """

    def __init__(self, body, port, size, niceness=NICENESS):
        self.name = body.__name__
        self.connection, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.run, args=(body, port, size, niceness, theirs), daemon=True)
        self.process.start()
        theirs.close()

    @staticmethod
    def run(body, port, size, niceness, connection):
        os.nice(niceness)
        counts = {}

        def count(name):
            counts[name] = counts.get(name, 0) + 1

        error = None
        try:
            with contextlib.suppress(KeyboardInterrupt):
                counts.update(body(port, size, lambda: not connection.poll(), count) or {})
        except (OSError, Broken) as caught:
            error = f"{type(caught).__name__}: {caught}"
        connection.send((counts, error))

    def stop(self):
        """What was counted, and what has ended it before its time."""
        self.connection.send("stop")
        try:
            outcome = self.connection.recv() if self.connection.poll(30) else ({}, "it did not stop in 30 s")
        except EOFError:
            outcome = ({}, "its process ended")
        self.kill()
        return outcome

    def kill(self):
        self.process.kill()
        self.process.join()


# Crowds


def dribblers(port, size, goes_on, count):
    """Send a byte a second: half of them of a request's head, half of a WebSocket message."""

    def connect(number):
        peer = Peer(port)
        if number % 2:
            peer.open()
            data = frame(1, b"x" * 125)
        else:
            data = GET[:-2] + b"X-Slow: "
        return peer, data

    peers = {}
    sent = 0
    while goes_on():
        start = time.monotonic()
        for number in range(size):
            try:
                if number not in peers:
                    peers[number] = connect(number)
                    count("opened")
                peer, data = peers[number]
                peer.send(data[sent % len(data) :][:1])
            except OSError:
                drop(peers, number)
                count("cut")
        sent += 1
        while goes_on() and time.monotonic() < start + 1:
            time.sleep(0.05)


def idlers(port, size, goes_on, count):
    """Open connections and keep them: half after one request, half as WebSockets."""
    peers = []
    while goes_on() and len(peers) < size:
        batch = [Peer(port) for _ in range(min(100, size - len(peers)))]
        peers += batch
        for number, peer in enumerate(batch):
            peer.send(handshake() if number % 2 else GET)
        for peer in batch:
            receive_answer(peer)
            count("held")
    # Pings are not answered: a wave is over before that is missed.
    while goes_on():
        time.sleep(0.05)


def flood(port, size, goes_on, count):
    """Opens WebSockets as fast as it can, `size` at a time. One in four is reset before the answer, one in four behind it."""
    while goes_on():
        batch = [Peer(port) for _ in range(size)]
        for number, peer in enumerate(batch):
            peer.send(handshake())
            if number % 4 == 0:
                peer.reset()
                count("reset")
        for number, peer in enumerate(batch):
            if number % 4:
                receive_answer(peer, b"HTTP/1.1 101 ")
                count("answered")
                # Nothing is left behind by a reset, neither here nor there.
                peer.reset() if number % 4 == 1 else peer.socket.close()


def deaf(port, size, goes_on, count):
    """Ask for large echoes, half as bodies, half as messages, and read none of them."""
    message = memoryview(frame(2, bytes(MEGABYTE)))
    body = memoryview(bytes(MEGABYTE))
    peers = {}

    def connect(number):
        peer = Peer(port, receive_buffer=4096)
        if number % 2:
            peer.open()
        else:
            peer.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
        peer.socket.setblocking(False)
        return peer, message if number % 2 else body, 0

    while goes_on():
        for number in range(size):
            try:
                if number not in peers:
                    peers[number] = connect(number)
                    count("opened")
                peer, data, sent = peers[number]
                sent += peer.socket.send(data[sent:])
                peers[number] = peer, data, sent % len(data)
                count("pieces")
            except BlockingIOError:
                pass
            except OSError:
                drop(peers, number)
                count("cut")
        time.sleep(0.05)


def drop(peers, number):
    """Lets go of what the server has cut, or has not let in."""
    for peer, *_ in [peers.pop(number)] if number in peers else []:
        peer.socket.close()


def receive_answer(peer, expected=b"HTTP/1.1 "):
    """Takes a head and what came with it; nothing else is to come behind it."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = peer.socket.recv(4096)
        if not piece:
            raise Broken(f"the connection ended after {answer[:60]!r}")
        answer += piece
    if not answer.startswith(expected):
        raise Broken(f"the answer is {answer[:60]!r}")
    return answer


# Who measures


def healthy_http(port, _, goes_on, count):
    """Gets a page again and again."""

    def get(peer):
        peer.send(GET)
        answer = receive_answer(peer, b"HTTP/1.1 200 ")
        while not answer.endswith(b"Hello, World!"):
            answer += peer.receive(1)

    with Peer(port) as peer:
        return {"round trips": measured(lambda: get(peer), goes_on)}


def healthy_web_socket(port, _, goes_on, count):
    """Has a message echoed again and again."""
    with Peer(port) as peer:
        peer.open()
        return {"round trips": measured(lambda: peer.echo(b"sixteen bytes...."), goes_on)}


def measured(round_trip, goes_on):
    """The seconds that each took."""
    times = []
    while goes_on():
        start = time.monotonic()
        round_trip()
        times.append(time.monotonic() - start)
        select.select([], [], [], 0.002)
    return times
