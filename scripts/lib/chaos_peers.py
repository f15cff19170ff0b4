# SPDX-License-Identifier: Apache-2.0
"""Peers that misbehave, each in a way that its random numbers decide, and one that does not. For chaos.py."""

import base64
import contextlib
import multiprocessing
import os
import socket
import struct
import time

PATIENCE = 20  # seconds that a peer waits for what the server owes it


class Broken(Exception):
    """The server owed a peer something else."""


class Peer:
    """A connection that can be ended in all ways there are."""

    def __init__(self, port, receive_buffer=None):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def half_close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise Broken(f"the connection ended after {len(data)} of {count} bytes")
            data += piece
        return bytes(data)

    def receive_to_end(self):
        with contextlib.suppress(ConnectionError):
            while self.socket.recv(1 << 16):
                pass

    def open(self, path="/"):
        self.send(handshake(path))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.receive(1)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Broken(f"the handshake was answered with {head[:40]!r}")

    def receive_message(self):
        """The opcode and payload of the next frame; a ping is answered on the way."""
        while True:
            first, length = self.receive(2)
            if length == 126:
                (length,) = struct.unpack(">H", self.receive(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self.receive(8))
            payload = self.receive(length)
            if first & 0x0F != 9:
                return first & 0x0F, payload
            self.send(frame(10, payload))

    def echo(self, payload):
        self.send(frame(2, payload))
        if self.receive_message() != (2, payload):
            raise Broken("an echo was not what was sent")


def handshake(path="/"):
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()


def frame(opcode, payload, fin=True):
    """A client's frame. Its masking key is zero, which saves masking."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = b"\xfe" + struct.pack(">H", size)
    else:
        length = b"\xff" + struct.pack(">Q", size)
    return bytes([(0x80 if fin else 0) | opcode]) + length + bytes(4) + payload


# What a peer may do. Each gets a connected peer and random numbers; whoever is not closed behind it is closed then.


def vanish(peer, random):
    random.choice([peer.reset, peer.half_close, lambda: None])()


def vanish_in_handshake(peer, random):
    request = handshake(random.choice(["/", "/broadcast"]))
    peer.send(request[: random.randrange(len(request))])
    vanish(peer, random)


def vanish_behind_handshake(peer, random):
    peer.send(handshake(random.choice(["/", "/broadcast"])))
    vanish(peer, random)


def vanish_in_frame(peer, random):
    peer.open()
    data = frame(random.choice([1, 2, 8, 9]), bytes(random.randrange(120)), fin=True)
    peer.send(data[: random.randrange(len(data))])
    vanish(peer, random)


def vanish_in_message(peer, random):
    peer.open()
    peer.send(frame(2, bytes(random.randrange(1 << 17)), fin=False))
    peer.send(frame(2, bytes(1 << 16))[: random.randrange(1 << 16)])
    vanish(peer, random)


def never_read(peer, random):
    peer.open(random.choice(["/", "/broadcast"]))
    peer.socket.settimeout(random.random() / 5)
    with contextlib.suppress(OSError):
        while True:
            peer.send(frame(2, bytes(1 << 19)))
    vanish(peer, random)


def flood(peer, random):
    peer.open()
    peer.socket.settimeout(random.random() / 10)
    with contextlib.suppress(OSError):
        for _ in range(50):
            peer.send(frame(9, bytes(100)) * 100)
    vanish(peer, random)


def talk_nonsense(peer, random):
    with contextlib.suppress(ConnectionError):
        peer.send(random.randbytes(random.randrange(1, 4000)))
        peer.half_close()
        peer.receive_to_end()


def break_the_protocol(peer, random):
    peer.open()
    with contextlib.suppress(ConnectionError):
        peer.send(bytes([random.randrange(256) | 0x70]) + random.randbytes(40))
        peer.half_close()
        peer.receive_to_end()


def half_close(peer, random):
    peer.open()
    peer.echo(b"before")
    peer.half_close()
    peer.receive_to_end()


def request_pages(peer, random):
    count = random.randrange(1, 200)
    peer.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * count)
    if random.random() < 0.5:
        page = b""
        while page.count(b"Hello, World!") < count:
            page += peer.receive(1)
    vanish(peer, random)


def behave(peer, random):
    peer.open()
    for _ in range(random.randrange(5)):
        peer.echo(random.randbytes(random.choice([1, 100, 1000, 70_000])))
    peer.send(frame(8, struct.pack(">H", 1000)))
    opcode, payload = peer.receive_message()
    if (opcode, payload[:2]) != (8, struct.pack(">H", 1000)):
        raise Broken("a close was not answered with the same")
    peer.receive_to_end()


WAYS = [
    vanish, vanish_in_handshake, vanish_behind_handshake, vanish_in_frame, vanish_in_message, never_read, flood,
    talk_nonsense, break_the_protocol, half_close, request_pages, behave, behave,
]  # fmt: skip


class HealthyClient:
    """Echoes all the time, in a process of its own, and says how long it waited at most."""

    def __init__(self, port):
        self.connection, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.run, args=(port, theirs), daemon=True)
        self.process.start()
        theirs.close()

    @staticmethod
    def run(port, connection):
        count, worst = 0, 0.0
        try:
            with Peer(port) as peer:
                peer.open()
                while not connection.poll():
                    start = time.monotonic()
                    peer.echo(count.to_bytes(8, "big"))
                    worst = max(worst, time.monotonic() - start)
                    count += 1
                    time.sleep(0.002)
            connection.send((count, worst, None))
        except (OSError, Broken) as error:
            connection.send((count, worst, f"{type(error).__name__}: {error}"))

    def stop(self):
        """How many echoes there were, the longest wait in seconds, and what went wrong."""
        with contextlib.suppress(OSError):
            self.connection.send("stop")
        try:
            return self.connection.recv()
        finally:
            self.process.join(PATIENCE)
