# SPDX-License-Identifier: Apache-2.0
"""Generators, tasks, timeouts and exceptions of an application, in each of the loops."""

import httpx
import pytest
from conftest import HANDSHAKE, Served, reset
from test_http import seen
from test_websocket import ended
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

APPLICATION = "semantics:app"


def begun(served: Served, path: str):
    """A connection on which an answer has begun, of which nothing more is read."""
    sock = served.connect()
    sock.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
    assert sock.recv(12) == b"HTTP/1.1 200"
    return sock


def test_a_generator_ends_with_its_client(hosted):
    reset(begun(hosted, "/generator"))
    assert seen(hosted, "generator") == "cleaned"


def test_a_generator_that_is_left_ends(hosted):
    assert httpx.get(hosted.url + "/generator_left").content == b"x" * 1000
    assert seen(hosted, "generator_left") == "cleaned"


@pytest.mark.parametrize(("last", "code"), [("fail", 1011), ("leave", 1000), ("close", 4321)])
def test_a_generator_of_messages_ends(serve, loop, last, code):
    served = serve("alicorn", APPLICATION, "--loop", loop)
    with connect(served.ws + "/generator") as connection:
        connection.send("text")
        assert connection.recv(timeout=5) == "text"
        if last == "close":
            connection.close(4321)
        else:
            connection.send(last)
            assert ended(connection)[0] == code
    assert seen(served, "messages") == "cleaned"


@pytest.mark.parametrize("kind", ["group", "anyio_group"])
def test_a_child_that_fails_ends_the_others(hosted, kind):
    assert httpx.get(f"{hosted.url}/{kind}").status_code == 500
    assert seen(hosted, kind) == "cancelled"
    with connect(f"{hosted.ws}/{kind}") as connection:
        assert ended(connection)[0] == 1011
    assert seen(hosted, f"websocket_{kind}") == "cancelled"
    hosted.wait_for_line("ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)")
    hosted.wait_for_line("KeyError: 'child'")


def test_one_of_two_who_receive_gives_up(hosted):
    with connect(hosted.ws + "/one_of_two") as connection:
        assert connection.recv(timeout=5) == "one is left"
        connection.send("for the second")
        assert connection.recv(timeout=5) == "for the second"


@pytest.mark.parametrize("kind", ["wait_for", "timeout", "anyio"])
def test_receiving_in_time(hosted, kind):
    with connect(f"{hosted.ws}/timeout?{kind}") as connection:
        assert connection.recv(timeout=5) == "late 0"
        connection.send("not lost")
        assert connection.recv(timeout=5) == "not lost"


@pytest.mark.parametrize("kind", ["wait_for", "timeout", "anyio"])
def test_sending_in_time(hosted, kind):
    """What was sent when the time was up goes out all the same, whole."""
    with begun(hosted, f"/stalled?{kind}") as sock:
        count = seen(hosted, f"stalled {kind}")
        received = b""
        while not received.endswith(b"3\r\nend\r\n0\r\n\r\n"):
            received += (piece := sock.recv(1 << 20))
            assert piece
        assert received.count(b"\r\n" + bytes(100_000) + b"\r\n") == count // 100_000 + 1
    with connect(f"{hosted.ws}/stalled?{kind}", compression=None) as connection:
        assert seen(hosted, f"websocket_stalled {kind}") == "late"
        while (message := connection.recv(timeout=5)) != "end":
            assert message == bytes(100_000)
        assert ended(connection)[0] == 1000


@pytest.mark.parametrize("where", ["call", "request", "start", "exit", "interrupt"])
def test_exceptions_before_anything_is_out(hosted, where):
    response = httpx.post(f"{hosted.url}/raises?{where}", content=b"body")
    assert (response.status_code, response.text) == (500, "Internal Server Error")
    hosted.wait_for_line({"exit": "SystemExit: 7", "interrupt": "KeyboardInterrupt"}.get(where, f"ValueError: at {where}"))


def test_exceptions_amid_a_response(hosted):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(hosted.url + "/raises?body")
    hosted.wait_for_line("ValueError: at body")


def test_exceptions_behind_a_response(hosted):
    with httpx.Client() as client:
        # The connection is none the worse for it.
        for _ in range(2):
            assert client.get(hosted.url + "/raises?end").json() == "whole"
    hosted.wait_for_line("ValueError: at end")


@pytest.mark.parametrize("where", ["call", "connect", "denial_start"])
def test_exceptions_before_a_websocket_is_open(hosted, where):
    with pytest.raises(InvalidStatus) as caught:
        connect(f"{hosted.ws}/raises?{where}")
    assert caught.value.response.status_code == 500
    hosted.wait_for_line(f"ValueError: at {where}")


def test_exceptions_amid_a_denial(hosted):
    answer = hosted.exchange(HANDSHAKE % b"/raises?denial_body")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"\r\n\r\nhalf")


@pytest.mark.parametrize(
    ("where", "code", "reason"), [("accept", 1011, ""), ("message", 1011, ""), ("close", 4000, "own"), ("exit", 1011, "")]
)
def test_exceptions_of_an_open_websocket(hosted, where, code, reason):
    with connect(f"{hosted.ws}/raises?{where}") as connection:
        if where == "message":
            connection.send("text")
        assert ended(connection) == (code, reason)
    hosted.wait_for_line("SystemExit: 7" if where == "exit" else f"ValueError: at {where}")


def test_sending_to_a_client_that_has_closed(hosted):
    with connect(hosted.ws + "/late") as connection:
        connection.close(4100)
    assert seen(hosted, "late") == [4100, [True, True, True], "websocket.disconnect"]


# Clients that go while they are sent to


@pytest.mark.parametrize("path", ["pushes", "file"])
def test_a_client_that_goes_while_it_is_sent_to(hosted, path):
    for number in range(20):
        reset(begun(hosted, f"/{path}?{path}{number}"))
        assert seen(hosted, f"{path}{number}") == "OSError"


def test_a_websocket_that_is_lost_while_sending_waits(hosted):
    with hosted.connect() as sock:
        sock.sendall(HANDSHAKE % b"/pushes?waiting")
        assert sock.recv(12) == b"HTTP/1.1 101"
        # Another is answered when there is no room for more.
        assert "waiting" not in httpx.get(hosted.url + "/seen").json()
        reset(sock)
    assert seen(hosted, "waiting") == "OSError"


def test_who_sends_without_end_lets_others_have_their_turn(serve, loop):
    served = serve("alicorn", APPLICATION, "--loop", loop)
    with connect(served.ws + "/chatters", compression=None, max_queue=None) as connection:
        assert connection.recv(timeout=5) == "chatter"
        assert httpx.get(served.url + "/stop", timeout=10).status_code == 200
        assert ended(connection)[0] == 1000


@pytest.mark.parametrize("path", ["/timeout", "/group", "/anyio_group"])
def test_a_call_that_returns_when_it_is_thrown_into(serve, loop, path):
    served = serve("alicorn", "raw:app", "--loop", loop)
    assert httpx.get(served.url + path).status_code == 200
    served.stop()
    assert not any("SystemError" in line or "never retrieved" in line for line in served.lines)
