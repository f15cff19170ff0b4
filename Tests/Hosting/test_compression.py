# SPDX-License-Identifier: Apache-2.0
"""permessage-deflate by its options: what is negotiated, and what is compressed (U-WS-54 to U-WS-58, P-32)."""

import random
import re
import zlib

import pytest
from conftest import HANDSHAKE, Served

RSV1 = 0x40
TEXT = (b"some text that repeats itself, " * 40)[:1024]


class Client:
    """A connection to `/echo` as it is on the wire."""

    def __init__(self, served: Served, offer: str) -> None:
        self.sock = served.connect()
        field = f"Host: a\r\nSec-WebSocket-Extensions: {offer}" if offer else "Host: a"
        self.sock.sendall((HANDSHAKE % b"/echo").replace(b"Host: a", field.encode()))
        self._file = self.sock.makefile("rb")
        head = b"".join(iter(self._file.readline, b"\r\n")).decode()
        assert head.startswith("HTTP/1.1 101 ")
        found = re.search("\r\nSec-WebSocket-Extensions: (.*)\r\n", head)
        self.answer = found[1] if found else None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self._file.close()
        self.sock.close()

    def echo(self, payload: bytes) -> tuple[bool, bytes]:
        """Sends a text as it is; whether it comes back compressed, and the payload."""
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2)
        self.sock.sendall(b"\x81" + length + bytes(4) + payload)
        first, length = self._file.read(2)
        assert first & ~RSV1 == 0x81
        if length == 126:
            length = int.from_bytes(self._file.read(2))
        return bool(first & RSV1), self._file.read(length)


def inflated(payload: bytes, bits: int) -> bytes:
    return zlib.decompressobj(-bits).decompress(payload + b"\0\0\xff\xff")


@pytest.mark.parametrize(
    ("options", "offer", "answer"),
    [
        ((), "", None),
        ((), "permessage-deflate", "permessage-deflate; server_max_window_bits=12"),
        (
            (), "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
        ),
        ((), "permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"),
        (
            (), "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12",
        ),
        # zlib cannot compress with the window that the first one asks for.
        (
            (), "permessage-deflate; server_max_window_bits=8, permessage-deflate",
            "permessage-deflate; server_max_window_bits=12",
        ),
        ((), "x-webkit-deflate-frame", None),
        (
            ("--ws-deflate-window-bits", "15"), "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
        ),
        (
            ("--ws-deflate-window-bits", "9"), "permessage-deflate; client_max_window_bits=11; server_max_window_bits=14",
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
        ),
        (("--ws-per-message-deflate", "false"), "permessage-deflate", None),
    ],
)
def test_what_is_negotiated(serve, options, offer, answer):
    with Client(serve("alicorn", "raw:app", *options), offer) as client:
        assert client.answer == answer
        is_compressed, payload = client.echo(TEXT)
        assert is_compressed == (answer is not None)
        assert (inflated(payload, 15) if is_compressed else payload) == TEXT


@pytest.mark.parametrize(("options", "threshold"), [((), 64), (("--ws-deflate-threshold", "200"), 200)])
def test_short_messages_are_sent_as_they_are(serve, options, threshold):
    with Client(serve("alicorn", "raw:app", *options), "permessage-deflate") as client:
        assert client.echo(TEXT[: threshold - 1]) == (False, TEXT[: threshold - 1])
        is_compressed, payload = client.echo(TEXT[:threshold])
        assert is_compressed
        assert inflated(payload, 12) == TEXT[:threshold]


def test_a_threshold_of_nothing_compresses_all(serve):
    with Client(serve("alicorn", "raw:app", "--ws-deflate-threshold", "0"), "permessage-deflate") as client:
        assert client.echo(b"a")[0]


def test_levels(serve):
    sizes = []
    for level in ("0", "1", "9"):
        with Client(serve("alicorn", "raw:app", "--ws-deflate-level", level), "permessage-deflate") as client:
            is_compressed, payload = client.echo(TEXT)
            assert is_compressed
            assert inflated(payload, 12) == TEXT
            sizes.append(len(payload))
    # Level 0 stores.
    assert sizes[0] > len(TEXT) > sizes[1] >= sizes[2]


def test_a_window_is_kept_to(serve):
    """What repeats itself further apart than the window is not found again."""
    text = bytes(random.Random(1).choices(range(33, 127), k=2000))
    sizes = {}
    for bits in (9, 15):
        with Client(serve("alicorn", "raw:app", "--ws-deflate-window-bits", str(bits)), "permessage-deflate") as client:
            client.echo(text)
            sizes[bits] = len(client.echo(text)[1])
    assert sizes[15] * 10 < sizes[9]
