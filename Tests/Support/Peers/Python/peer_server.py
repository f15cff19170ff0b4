# SPDX-License-Identifier: Apache-2.0
"""Python's websockets as the server that our client is tested against.

    peer_server.py [--unix PATH] [--certificate FILE --key FILE]

Listens on a free port of 127.0.0.1 or on a Unix socket, with a certificate over TLS, prints that port or path as one line, and serves until its standard input ends, so it
never outlives the test that started it. The path says how it behaves:

    /echo                     sends every message back
    /fragments?size=N         sends every message back in fragments of N bytes or characters (3), and an empty last one
    /close?code=N&reason=R    closes at once with that code (1000) and reason
    /close-after?code=N       closes with that code after one message
    /drop                     cuts the TCP connection after one message, without a close frame
    /ping?count=N             sends N pings (3) with payloads of its own, waits for the pongs, then sends `ok`
    /big?size=N&kind=K        sends one message of N bytes (16 MiB), kind `binary` or `text`
    /headers                  sends the request's headers as one JSON text message, a list of pairs
    /refuse?status=N          answers the handshake with that status (503) and the body `refused`

On every path the query further says which subprotocols it knows and what it does about compression:

    subprotocols=a,b          selects the first of these that was offered; none unless told
    deflate=off               declines compression; without it permessage-deflate is accepted with the library's defaults
    server_no_context_takeover=1, client_no_context_takeover=1, server_max_window_bits=N, client_max_window_bits=N
                              what it insists on when it accepts permessage-deflate
"""

import argparse
import asyncio
import json
import ssl
import sys
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import serve, unix_serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

SIXTEEN_MEBIBYTES = 16 << 20


def query_of(request):
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}


def configure(connection, request):
    """Applies the query to this one connection, before the handshake is decided."""
    query = query_of(request)
    if urlsplit(request.path).path == "/refuse":
        return connection.respond(int(query.get("status", 503)), "refused")

    protocol = connection.protocol
    known = [name for name in query.get("subprotocols", "").split(",") if name]
    protocol.select_subprotocol = lambda offered: next((name for name in known if name in offered), None)
    protocol.available_extensions = []
    if query.get("deflate") != "off":
        protocol.available_extensions = [
            ServerPerMessageDeflateFactory(
                server_no_context_takeover="server_no_context_takeover" in query,
                client_no_context_takeover="client_no_context_takeover" in query,
                server_max_window_bits=bits(query, "server_max_window_bits"),
                client_max_window_bits=bits(query, "client_max_window_bits"),
            )
        ]
    return None


def bits(query, name):
    return int(query[name]) if name in query else None


async def echo(connection, query):
    async for message in connection:
        await connection.send(message)


async def fragments(connection, query):
    size = int(query.get("size", 3))
    async for message in connection:
        await connection.send([message[start : start + size] for start in range(0, len(message), size)] or [message])


async def close(connection, query):
    await connection.close(int(query.get("code", 1000)), query.get("reason", ""))


async def close_after(connection, query):
    await connection.recv()
    await close(connection, query)


async def drop(connection, query):
    await connection.recv()
    connection.transport.abort()


async def ping(connection, query):
    pongs = [await connection.ping(f"ping {number}") for number in range(int(query.get("count", 3)))]
    await asyncio.wait_for(asyncio.gather(*pongs), 20)
    await connection.send("ok")
    await connection.wait_closed()


async def big(connection, query):
    size = int(query.get("size", SIXTEEN_MEBIBYTES))
    pattern = bytes(range(32, 127))
    message = (pattern * (size // len(pattern) + 1))[:size]
    await connection.send(message.decode() if query.get("kind") == "text" else message)
    await connection.wait_closed()


async def headers(connection, query):
    await connection.send(json.dumps(list(connection.request.headers.raw_items())))
    await connection.wait_closed()


BEHAVIOURS = {
    "/echo": echo, "/fragments": fragments, "/close": close, "/close-after": close_after, "/drop": drop, "/ping": ping,
    "/big": big, "/headers": headers,
}  # fmt: skip


async def handle(connection):
    behaviour = BEHAVIOURS.get(urlsplit(connection.request.path).path, echo)
    await behaviour(connection, query_of(connection.request))


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--unix")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    arguments = parser.parse_args()
    options = {"process_request": configure, "max_size": 2 * SIXTEEN_MEBIBYTES}
    if arguments.certificate:
        options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        options["ssl"].load_cert_chain(arguments.certificate, arguments.key)
    listening = (
        unix_serve(handle, arguments.unix, **options) if arguments.unix else serve(handle, "127.0.0.1", 0, **options)
    )
    async with listening as server:
        name = server.sockets[0].getsockname()
        print(name if arguments.unix else name[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
