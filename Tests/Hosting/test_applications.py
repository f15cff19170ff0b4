# SPDX-License-Identifier: Apache-2.0
"""Applications of the frameworks, as they are: what they answer here is what they answer under uvicorn."""

import json

import httpx
import pytest
from conftest import Pair, Served
from test_http import asked
from test_websocket import ended
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

REQUESTS = {
    "fast:app": [
        ("GET", "/items/3?limit=5", {}),
        ("GET", "/items/x", {}),
        ("POST", "/items", {"json": {"name": "a", "price": 1.5}}),
        ("POST", "/items", {"content": b"{"}),
        ("POST", "/form", {"data": {"name": "a"}, "files": {"file": ("f.bin", bytes(200_000))}}),
        ("GET", "/sync", {}),
        ("GET", "/state", {}),
        ("GET", "/background", {}),
        ("GET", "/done", {}),
        ("GET", "/error", {}),
        ("GET", "/bug", {}),
        ("GET", "/stream", {}),
        ("GET", "/events", {}),
        ("GET", "/missing", {}),
        ("HEAD", "/static/page.txt", {}),
        ("GET", "/openapi.json", {}),
        ("OPTIONS", "/items", {}),
    ],
    "star:app": [
        ("GET", "/", {}),
        ("GET", "/", {"headers": {"Accept-Encoding": "identity", "Origin": "https://example.org"}}),
        ("GET", "/", {"headers": {"Host": "evil.example"}}),
        ("POST", "/echo?a=1&b=%C3%A9", {"content": "text é"}),
        ("GET", "/redirect", {}),
        ("GET", "/mounted/home", {}),
        ("OPTIONS", "/", {"headers": {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}}),
    ],
    "others:quart_app": [
        ("GET", "/", {}), ("POST", "/echo", {"content": bytes(100_000)}), ("GET", "/stream", {}), ("GET", "/bug", {}),
    ],
    "others:litestar_app": [
        ("GET", "/", {}), ("POST", "/echo", {"content": b"body"}), ("GET", "/sync", {}), ("GET", "/missing", {}),
    ],
    "django_app:app": [
        ("GET", "/?a=b", {}), ("POST", "/echo", {"content": bytes(100_000)}), ("GET", "/stream", {}), ("GET", "/bug", {}),
    ],
}


@pytest.fixture(scope="module", params=list(REQUESTS))
def pair(request, loop):
    pair = Pair(request.param, loop)
    pair.application = request.param
    yield pair
    pair.stop()


def test_answers(pair):
    for method, path, keywords in REQUESTS[pair.application]:
        uvicorn, alicorn = pair.both(asked(method, path, **keywords))
        assert alicorn == uvicorn, (method, path)


@pytest.fixture(scope="module")
def fast(loop):
    pair = Pair("fast:app", loop)
    yield pair
    pair.stop()


def test_fastapi_websocket(fast):
    def talk(served: Served):
        with connect(served.ws + "/ws/red") as connection:
            connection.send(json.dumps({"a": 1}))
            told = connection.recv(timeout=5), connection.response.headers["x-room"]
            connection.close(4100)
        with pytest.raises(InvalidStatus) as refused:
            connect(served.ws + "/ws/red?token=bad")
        with pytest.raises(InvalidStatus) as missing:
            connect(served.ws + "/nowhere")
        return told, refused.value.response.status_code, missing.value.response.status_code, "websocket 4100" in until(
            served, "websocket 4100"
        )

    uvicorn, alicorn = fast.both(talk)
    assert alicorn == uvicorn
    assert alicorn[1:] == (403, 403, True)


def until(served: Served, text: str) -> list[str]:
    for _ in range(200):
        done = httpx.get(served.url + "/done").json()
        if text in done:
            return done
    raise AssertionError(f"{text!r} has not been done: {done}")


def test_fastapi_files(fast):
    # By http.response.pathsend, which uvicorn has not: the same bytes, from Swift.
    for path in ("/file", "/static/page.txt"):
        uvicorn, alicorn = fast.both(lambda served, path=path: httpx.get(served.url + path))
        assert alicorn.content == uvicorn.content == b"static page " * 20_000
        assert alicorn.headers["content-length"] == uvicorn.headers["content-length"]
    served = fast.servers["alicorn"]
    part = httpx.get(served.url + "/static/page.txt", headers={"Range": "bytes=7-10"})
    assert (part.status_code, part.content) == (206, b"page")


def test_fastapi_stream_ends_with_its_client(fast):
    served = fast.servers["alicorn"]
    with httpx.stream("GET", served.url + "/endless") as response:
        next(response.iter_raw())
    assert "endless" in until(served, "endless")


def test_starlette_streams_both_ways_and_talks(loop, serve):
    served = serve("alicorn", "star:app", "--loop", loop)
    # Through BaseHTTPMiddleware, where uvicorn comes to no end.
    assert httpx.post(served.url + "/chunks", content=bytes(100_000)).content == bytes(100_000)
    with connect(served.ws + "/text", subprotocols=["chat"]) as connection:
        assert connection.subprotocol == "chat"
        connection.send("text")
        assert connection.recv(timeout=5) == "text"


def test_quart_and_litestar_websockets(serve):
    quart = serve("alicorn", "others:quart_app")
    with connect(quart.ws + "/ws") as connection:
        connection.send("text")
        assert connection.recv(timeout=5) == "text"
        connection.send(b"bytes")
        assert connection.recv(timeout=5) == b"bytes"
    litestar = serve("alicorn", "others:litestar_app")
    with connect(litestar.ws + "/ws") as connection:
        connection.send("text")
        assert connection.recv(timeout=5) == "text"
        assert ended(connection) == (4001, "enough")


def test_channels_groups(loop, serve):
    served = serve("alicorn", "django_app:app", "--loop", loop)
    with connect(served.ws + "/room") as first, connect(served.ws + "/room") as second:
        first.send(json.dumps({"said": "hi"}))
        assert json.loads(first.recv(timeout=5)) == json.loads(second.recv(timeout=5)) == {"said": "hi"}


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
def test_socketio(serve, transports):
    import socketio

    served = serve("alicorn", "others:socketio_app")
    with socketio.SimpleClient() as client:
        client.connect(served.url, transports=transports)
        assert client.call("message", {"a": 1}) == "acknowledged"
        assert client.receive(timeout=5) == ["answer", {"got": {"a": 1}}]
