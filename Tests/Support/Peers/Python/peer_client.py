# SPDX-License-Identifier: Apache-2.0
"""Python's websockets as the client that our echo server is tested against.

    peer_client.py [--unix PATH] [--authority FILE] URI SCENARIO...      peer_client.py --list

It connects to the Unix socket instead of the URI's host, and trusts the authority in the file, where it is told to.

The server must echo on every path, accept permessage-deflate, messages of 16 MiB and the subprotocol `superchat`, and,
for the scenarios with origins, accept the origin `https://example.com` and none at all, but refuse all others.
Prints `ok` and ends with 0 when all scenarios went well, otherwise prints one sentence and ends with 1.
"""

import argparse
import asyncio
import ssl
import sys
import time

from websockets.asyncio.client import connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

SIXTEEN_MEBIBYTES = 16 << 20

# RFC 6455 §7.4.1 and IANA's registry: what may stand in a close frame.
CLOSE_CODES = [*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999]


class Failure(Exception):
    pass


def expect(actual, expected, what):
    if actual != expected:
        raise Failure(f"{what} should be {shorten(expected)}; it is {shorten(actual)}")


def shorten(value):
    text = repr(value)
    return text if len(text) < 100 else text[:60] + f"... ({len(value)} long)"


async def expect_echo(connection, message):
    await connection.send(message)
    expect(await connection.recv(), message, "the echo")


def dial(uri, **options):
    options["max_size"] = 2 * SIXTEEN_MEBIBYTES
    if arguments.authority:
        options["ssl"] = ssl.create_default_context(cafile=arguments.authority)
    return unix_connect(arguments.unix, uri, **options) if arguments.unix else connect(uri, **options)


async def text(uri):
    async with dial(uri) as connection:
        for message in ("", "hello", "Grüße, 🦄", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536):
            await expect_echo(connection, message)


async def binary(uri):
    async with dial(uri) as connection:
        for length in (0, 1, 125, 126, 65535, 65536, 1 << 20):
            await expect_echo(connection, bytes(number % 251 for number in range(length)))


async def sixteen_mebibytes(uri):
    message = bytes(range(256)) * (SIXTEEN_MEBIBYTES // 256)
    for compression in (None, "deflate"):
        async with dial(uri, compression=compression) as connection:
            await expect_echo(connection, message)


async def fragmented(uri):
    async with dial(uri) as connection:
        for fragments in (["a"], ["", "a", ""], ["Grü", "ße ", "🦄"], [b"\x00" * 70000, b"", b"\x01"], ["x"] * 1000):
            await connection.send(fragments)
            expect(await connection.recv(), fragments[0][:0].join(fragments), "the echo of the fragments")


async def pipelined(uri):
    async with dial(uri) as connection:
        messages = [f"message {number}" for number in range(1000)]
        for message in messages:
            await connection.send(message)
        expect([await connection.recv() for _ in messages], messages, "the echoes of 1000 messages")


def deflate(**parameters):
    """A scenario that offers permessage-deflate with these parameters, and checks the answer and the traffic."""

    async def scenario(uri):
        async with dial(uri, compression=None, extensions=[ClientPerMessageDeflateFactory(**parameters)]) as connection:
            answer = connection.response.headers.get("Sec-WebSocket-Extensions", "none")
            if not answer.startswith("permessage-deflate"):
                raise Failure(f"the server should accept permessage-deflate; its answer is {answer}")
            # The client may always be told to forget its context; what the offer demands of the server must be granted.
            if parameters.get("server_no_context_takeover") and "server_no_context_takeover" not in answer:
                raise Failure(f"the server should grant server_no_context_takeover; its answer is {answer}")
            if "server_max_window_bits" in parameters and "server_max_window_bits" not in answer:
                raise Failure(f"the server should grant server_max_window_bits; its answer is {answer}")
            for message in ("", "hello", "hello", "Grüße, 🦄 " * 5000, bytes(70000), bytes(range(256)) * 300):
                await expect_echo(connection, message)
            await connection.send(["com", "pres", "sed ", "fragments"])
            expect(await connection.recv(), "compressed fragments", "the echo of the fragments")

    return scenario


async def without_deflate(uri):
    async with dial(uri, compression=None) as connection:
        expect(connection.response.headers.get("Sec-WebSocket-Extensions"), None, "the extensions, none being offered")
        await expect_echo(connection, "hello")


async def pings(uri):
    async with dial(uri) as connection:
        for payload in (b"", b"hello", bytes(125)):
            start = time.monotonic()
            latency = await asyncio.wait_for(await connection.ping(payload), 10)
            if not 0 <= latency <= time.monotonic() - start + 0.1:
                raise Failure(f"the latency should lie within the wait for the pong; it is {latency} s")

        async def fragments():
            yield "before the ping, "
            await asyncio.wait_for(await connection.ping(b"between"), 10)
            yield "after the pong"

        await connection.send(fragments())
        expect(await connection.recv(), "before the ping, after the pong", "the echo around a ping")


async def close_codes(uri):
    for code in CLOSE_CODES:
        async with dial(uri) as connection:
            await connection.close(code, f"reason {code}")
            received = connection.protocol.close_rcvd
            expect(received and received.code, code, f"the code that answers a close with {code}")


async def close_without_code(uri):
    async with dial(uri) as connection:
        connection.protocol.send_close()
        connection.send_data()
        await asyncio.wait_for(connection.wait_closed(), 10)
        received = connection.protocol.close_rcvd
        if received is None or received.code not in (1000, 1005):
            raise Failure(f"a close frame without a code should be answered by one; the answer is {received}")


async def too_big(uri):
    """Announces a message of 64 MiB and sends nothing of it: the header alone must be refused."""
    async with dial(uri, compression=None) as connection:
        connection.transport.write(b"\x82\xff" + (64 << 20).to_bytes(8, "big") + b"mask")
        try:
            await asyncio.wait_for(connection.recv(), 10)
        except ConnectionClosed as closed:
            expect(closed.rcvd and closed.rcvd.code, 1009, "the code that answers the header of a message of 64 MiB")


async def subprotocols(uri):
    async with dial(uri, subprotocols=["chat", "superchat"]) as connection:
        expect(connection.subprotocol, "superchat", "the subprotocol, `chat` and `superchat` being offered")
        await expect_echo(connection, "hello")
    async with dial(uri) as connection:
        expect(connection.subprotocol, None, "the subprotocol, none being offered")


async def origin(uri):
    for allowed in ("https://example.com", None):
        async with dial(uri, origin=allowed) as connection:
            await expect_echo(connection, "hello")
    try:
        async with dial(uri, origin="https://example.org"):
            raise Failure("the origin https://example.org should be refused; it was accepted")
    except InvalidStatus as refused:
        expect(refused.response.status_code, 403, "the status for the origin https://example.org")


SCENARIOS = {
    "text": text,
    "binary": binary,
    "16-mebibytes": sixteen_mebibytes,
    "fragmented": fragmented,
    "pipelined": pipelined,
    "without-deflate": without_deflate,
    "deflate": deflate(),
    "deflate-server-no-context-takeover": deflate(server_no_context_takeover=True),
    "deflate-client-no-context-takeover": deflate(client_no_context_takeover=True),
    "deflate-no-context-takeover": deflate(server_no_context_takeover=True, client_no_context_takeover=True),
    **{f"deflate-server-max-window-bits-{n}": deflate(server_max_window_bits=n) for n in range(9, 16)},
    **{f"deflate-client-max-window-bits-{n}": deflate(client_max_window_bits=n) for n in range(9, 16)},
    "deflate-any-client-max-window-bits": deflate(client_max_window_bits=True),
    "pings": pings,
    "close-codes": close_codes,
    "close-without-code": close_without_code,
    "too-big": too_big,
    "subprotocols": subprotocols,
    "origin": origin,
}


parser = argparse.ArgumentParser()
parser.add_argument("--list", action="store_true")
parser.add_argument("--unix")
parser.add_argument("--authority")
parser.add_argument("uri", nargs="?")
parser.add_argument("scenarios", nargs="*")
arguments = parser.parse_args()


async def main():
    if arguments.list:
        print("\n".join(SCENARIOS))
        return
    for name in arguments.scenarios:
        try:
            await asyncio.wait_for(SCENARIOS[name](arguments.uri), 120)
        except Failure as failure:
            sys.exit(f"{name}: {failure}")
        except Exception as error:
            sys.exit(f"{name}: {type(error).__name__}: {error}")
    print("ok")


asyncio.run(main())
