# SPDX-License-Identifier: Apache-2.0
"""Limits and origins by their options, and what a refused client is told (P-31, U-LM, U-WS4)."""

import contextlib
import dataclasses
import re
import subprocess

import httpx
import pytest
from conftest import HANDSHAKE, READY, Pair, Served, environment
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect


def refused(served: Served, **keywords):
    """What answers a handshake that is refused."""
    with pytest.raises(InvalidStatus) as caught:
        connect(served.ws + "/echo", **keywords)
    return caught.value.response


def talks(served: Served, **keywords) -> bool:
    with connect(served.ws + "/echo", **keywords) as connection:
        connection.send("there")
        return connection.recv(timeout=5) == "there"


def test_origins(serve):
    served = serve("alicorn", "raw:app", "--ws-allowed-origins", "https://example.org,https://*.example.net")
    for origin in ("https://example.org", "https://a.example.net", None):
        assert talks(served, origin=origin)
    for origin in ("http://example.org", "https://example.org.evil.example", "https://example.net", "null"):
        response = refused(served, origin=origin)
        assert response.status_code == 403
        assert b"Allowed are: https://example.org, https://*.example.net." in response.body
    served.wait_for_line("WebSocket handshake refused (403)")
    # Pages of others may be asked for: that is what CORS is for.
    assert httpx.get(served.url + "/task", headers={"Origin": "http://evil.example"}).status_code == 200


def test_connections_of_one_client(serve):
    served = serve("alicorn", "raw:app", "--limit-connections-per-client", "2")
    with connect(served.ws + "/echo"), httpx.Client() as client:
        assert client.get(served.url + "/task").status_code == 200
        response = httpx.get(served.url + "/task")
        assert (response.status_code, response.text) == (429, "Too Many Requests")
        assert response.headers["retry-after"] == "10"
        assert refused(served).status_code == 429
        # Whom a trusted proxy names is another client.
        assert httpx.get(served.url + "/task", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 200
    served.wait_for_line("There are as many connections from this address as the server takes")
    assert talks(served)


@pytest.mark.parametrize(
    ("option", "expected"), [("--limit-handshake-rate", [101, 429, 429]), ("--limit-client-handshake-rate", [101, 429, 101])]
)
def test_rates_of_handshakes(serve, option, expected):
    served = serve("alicorn", "raw:app", option, "1")
    clients = (b"192.0.2.1", b"192.0.2.1", b"192.0.2.2")
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(served.connect()) for _ in clients]
        for sock, client in zip(socks, clients):
            sock.sendall((HANDSHAKE % b"/echo").replace(b"Host: a", b"Host: a\r\nX-Forwarded-For: " + client))
        answers = [sock.recv(4096) for sock in socks]
    assert [int(answer.split()[1]) for answer in answers] == expected
    assert b"\r\nretry-after: 1\r\n" in answers[1]
    # Requests that open no connection are not counted.
    assert httpx.get(served.url + "/task").status_code == 200


def test_a_limit_on_websockets(serve):
    served = serve("alicorn", "raw:app", "--limit-websockets", "1")
    with connect(served.ws + "/echo") as first:
        response = refused(served)
        assert (response.status_code, response.body) == (503, b"Service Unavailable")
        assert httpx.get(served.url + "/task").status_code == 200
        first.close()
    served.wait_for_line("Exceeded WebSocket limit.")
    assert talks(served)


def test_a_limit_on_concurrency(loop):
    servers = Pair("raw:app", loop, "--limit-concurrency", "2")
    try:
        for served in servers.servers.values():
            with connect(served.ws + "/echo"):
                response = httpx.get(served.url + "/task")
                assert (response.status_code, response.text) == (503, "Service Unavailable")
                served.wait_for_line("Exceeded concurrency limit.")
    finally:
        servers.stop()


@pytest.mark.parametrize(
    ("option", "value", "request_", "status", "cause"),
    [
        ("--limit-body", "10", {"content": bytes(11)}, 413, "the body is too large"),
        ("--limit-body", "10", {"content": iter([bytes(8), bytes(8)])}, 413, "the body is too large"),
        ("--limit-header-size", "2000", {"headers": {"X-Long": "x" * 2000}}, 431, "a header is too long"),
        ("--limit-header-size", "2000", {"headers": {f"X-{number}": "x" * 500 for number in range(4)}}, 431, "the headers are"),
        ("--limit-header-size", "2000", {"params": {"long": "x" * 2000}}, 414, "the request line is too long"),
        ("--limit-headers", "10", {"headers": {f"X-{number}": "" for number in range(11)}}, 431, "there are too many headers"),
    ],
)
def test_limits_on_requests(serve, option, value, request_, status, cause):
    served = serve("alicorn", "raw:app", option, value)
    response = httpx.post(served.url + "/echo", **request_)
    assert response.status_code == status
    assert response.text == {413: "Content Too Large", 414: "URI Too Long", 431: "Request Header Fields Too Large"}[status]
    assert f"refused ({status}): {cause}" in served.wait_for_line("WARNING")
    assert httpx.post(served.url + "/echo", content=bytes(10)).content == bytes(10)


UPGRADE = "Upgrade and Connection did not both arrive"
KEY = "The client makes this header itself from 16 random bytes in base64"
VERSION = "Only version 13 (RFC 6455) is spoken"
BAD = [
    (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"", 400, "missing Sec-WebSocket-Key header", KEY),
    (b"dGhlIHNhbXBsZSBub25jZQ==", b"short", 400, 'invalid Sec-WebSocket-Key header "short"', KEY),
    (b"Sec-WebSocket-Version: 13\r\n", b"", 426, "missing Sec-WebSocket-Version header", VERSION),
    (b"Version: 13", b"Version: 8", 426, 'unsupported Sec-WebSocket-Version "8"', VERSION),
    (b"Upgrade: websocket\r\n", b"", 426, "missing Upgrade header", UPGRADE),
    (b"Connection: Upgrade\r\n", b"Via: 1.0 a\r\n", 426, "missing Connection header", "A proxy on the way (it shows in Via)"),
    (b"GET", b"POST", 405, 'the method is "POST", and an opening handshake uses GET', "Open the connection with GET"),
    (b"Host: a", b"Host: a\r\nSec-WebSocket-Extensions: ;", 400, "invalid Sec-WebSocket-Extensions header", "Send"),
    (b"Host: a", b"Host: a\r\nContent-Length: 1", 400, "the request announces a body", "Send the request without"),
]


@pytest.mark.parametrize(("old", "new", "status", "cause", "remedy"), BAD)
def test_refused_handshakes_are_diagnosed(alicorn, old, new, status, cause, remedy):
    head, body = alicorn.exchange((HANDSHAKE % b"/echo").replace(old, new)).decode().split("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "\r\nContent-Type: text/plain; charset=utf-8\r\n" in head
    assert body.startswith(f"Failed to open a WebSocket connection: {cause}")
    assert f".\n\n{remedy}" in body
    alicorn.wait_for_line(f"WebSocket handshake refused ({status}): {cause}")


def test_the_server_in_swift_says_the_same(alicorn, executable):
    process = subprocess.Popen(
        [executable, "demo", "--port", "0"], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        while not (match := READY.search(line := process.stderr.readline())):
            assert line, "it does not start"
        swift = dataclasses.replace(alicorn, port=int(match["port"]))
        for old, new, *_ in BAD:
            data = (HANDSHAKE % b"/echo").replace(old, new)
            answers = [re.sub(rb"date: .*", b"", served.exchange(data)) for served in (alicorn, swift)]
            assert answers[0] == answers[1]
    finally:
        process.kill()
        process.communicate()
