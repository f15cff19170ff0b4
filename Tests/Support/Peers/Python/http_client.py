# SPDX-License-Identifier: Apache-2.0
"""httpx as a client of `alicorn hello`: plays the scenarios that are named, and prints `ok`."""

import argparse
import asyncio
import sys

import httpx

MEBIBYTE = 1 << 20


class Failure(Exception):
    pass


def expect(actual, expected, what):
    if actual != expected:
        raise Failure(f"{what} should be {expected!r}; it is {actual!r}")


def connection_of(response):
    return response.extensions["network_stream"].get_extra_info("client_addr")


async def plain(client):
    response = await client.get("/")
    expect((response.status_code, response.text), (200, "Hello, World!"), "the answer to GET /")
    expect(response.headers["content-type"], "text/plain; charset=utf-8", "its type")
    expect((await client.get("/json")).json(), {"message": "Hello, World!"}, "the answer to GET /json")
    expect((await client.get("/nowhere")).status_code, 404, "the status of what is not there")


async def head(client):
    response = await client.head("/")
    expect((response.status_code, response.content), (200, b""), "the answer to HEAD /")
    expect(response.headers["content-length"], "13", "the length that it tells")


async def keep_alive(client):
    connections = {connection_of(await client.get("/")) for _ in range(20)}
    expect(len(connections), 1, "the number of connections for requests one after the other")


async def concurrent(client):
    responses = await asyncio.gather(*(client.post("/echo", content=b"%d" % n) for n in range(100)))
    expect([r.content for r in responses], [b"%d" % n for n in range(100)], "the echoes of 100 requests at once")


async def known_length(client):
    body = bytes(range(256)) * (4 * MEBIBYTE // 256)
    response = await client.post("/echo", content=body)
    expect(response.headers["content-length"], str(len(body)), "the length of the echo")
    expect(response.content == body, True, "that 4 MiB come back")


async def streaming(client):
    """Chunks go up one by one, and each comes down before the next goes up."""
    echoed = asyncio.Queue()

    async def pieces():
        for number in range(20):
            piece = b"piece %d " % number
            yield piece
            expect(await asyncio.wait_for(echoed.get(), 10), piece, "the echo of a chunk, while the request goes on")

    # httpx reads an answer once it has sent all of its request: the exchange is done on a socket of its own.
    host, port = client.base_url.host, client.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    is_first = True
    async for piece in pieces():
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if is_first:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            expect(b"transfer-encoding: chunked" in head.lower(), True, "that the echo is chunked")
            is_first = False
        size = int(await asyncio.wait_for(reader.readline(), 10), 16)
        await echoed.put(await asyncio.wait_for(reader.readexactly(size), 10))
        await reader.readexactly(2)
    writer.write(b"0\r\n\r\n")
    expect(await asyncio.wait_for(reader.read(), 10), b"0\r\n\r\n", "the end of the echo")
    writer.close()


async def generated(client):
    async def pieces():
        for number in range(64):
            yield bytes([number]) * 16384

    received = 0
    async with client.stream("POST", "/echo", content=pieces()) as response:
        expect(response.headers.get("transfer-encoding"), "chunked", "the coding of an echo without a length")
        async for piece in response.aiter_raw():
            received += len(piece)
    expect(received, MEBIBYTE, "the bytes of the echo of a generated body")


SCENARIOS = {
    "plain": plain,
    "head": head,
    "keep-alive": keep_alive,
    "concurrent": concurrent,
    "known-length": known_length,
    "generated": generated,
    "streaming": streaming,
}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    arguments = parser.parse_args()
    for name in arguments.scenarios:
        # Proxies of the environment are none of ours.
        async with httpx.AsyncClient(base_url=arguments.url, trust_env=False, timeout=30) as client:
            try:
                await asyncio.wait_for(SCENARIOS[name](client), 60)
            except Failure as failure:
                sys.exit(f"{name}: {failure}")
            except Exception as error:
                sys.exit(f"{name}: {type(error).__name__}: {error}")
    print("ok")


asyncio.run(main())
