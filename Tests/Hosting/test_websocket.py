# SPDX-License-Identifier: Apache-2.0
"""WebSocket of a bare application, with the client of `websockets`."""

import json
import time

import httpx
import pytest
from conftest import HANDSHAKE, Served, reset
from test_http import seen
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


def ended(connection) -> tuple[int, str]:
    """How the server has closed."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            connection.recv(timeout=5)
    received = caught.value.rcvd
    return (received.code, received.reason) if received else (1006, "")


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("message", ["", "text", "é€😀" * 1000, b"", b"\0\xff" * 10, bytes(1 << 20)])
def test_messages_come_back(alicorn, message, compression):
    with connect(alicorn.ws + "/echo", compression=compression) as connection:
        connection.send(message)
        assert connection.recv(timeout=5) == message


def test_fragments_are_one_message(alicorn):
    with connect(alicorn.ws + "/echo") as connection:
        connection.send(["a", "b" * 70_000, "c"])
        assert connection.recv(timeout=5) == "a" + "b" * 70_000 + "c"


def test_scope_has_uvicorns_keys_and_types(pair):
    def scope(served: Served):
        with connect(served.ws + "/scope?q=1", subprotocols=["one", "two"]) as connection:
            told = json.loads(connection.recv(timeout=5))
            return told, connection.subprotocol, connection.response.headers["X-Own"], ended(connection)

    uvicorn, alicorn = pair.both(scope)
    assert uvicorn[0].pop("extensions") == ["websocket.http.response"]
    assert alicorn[0].pop("extensions") == ["websocket.broadcast", "websocket.http.response"]
    assert alicorn == uvicorn
    assert alicorn[1:] == ("one", "yes", (4000, "told"))


def test_how_a_connection_ends_is_told(pair):
    def end(served: Served):
        with connect(served.ws + "/echo") as connection:
            connection.close(4321, "bye")
        return seen(served, "echo_end")

    uvicorn, alicorn = pair.both(end)
    assert alicorn == uvicorn == {"type": "websocket.disconnect", "code": 4321, "reason": "bye"}


def test_refusals(pair):
    def refusal(path):
        def ask(served: Served):
            with pytest.raises(InvalidStatus) as caught:
                connect(served.ws + path)
            response = caught.value.response
            return response.status_code, response.body

        return ask

    for path, expected in [
        ("/refuses", (403, b"")), ("/denies", (429, b"too many")), ("/raises_early", (500, b"Internal Server Error")),
    ]:
        uvicorn, alicorn = pair.both(refusal(path))
        assert alicorn == uvicorn == expected
    assert seen(pair.servers["alicorn"], "refused") == {"type": "websocket.disconnect", "code": 1006, "reason": ""}


def test_what_the_application_leaves_is_closed(alicorn):
    # P-14.
    for path, expected in [("/raises", 1011), ("/returns", 1000)]:
        with connect(alicorn.ws + path) as connection:
            assert ended(connection)[0] == expected


def test_sending_without_receiving(alicorn):
    with connect(alicorn.ws + "/pushes") as connection:
        assert [connection.recv(timeout=5) for _ in range(100)] == [str(number) for number in range(100)]
        assert ended(connection) == (1000, "")
    assert "after sending 'websocket.close'" in seen(alicorn, "late")


def test_two_tasks_may_receive(alicorn):
    with connect(alicorn.ws + "/two_tasks") as connection:
        connection.send("1")
        connection.send("2")
        assert {connection.recv(timeout=5), connection.recv(timeout=5)} in [{"a 1", "b 2"}, {"a 2", "b 1"}]


def test_giving_up_to_receive_loses_nothing(alicorn):
    with connect(alicorn.ws + "/timeouts") as connection:
        assert connection.recv(timeout=5) == "still there"
        connection.send("last")
        assert connection.recv(timeout=5) == "last"


def test_a_lost_connection(alicorn):
    with alicorn.connect() as sock:
        sock.sendall(HANDSHAKE % b"/gone")
        assert b"101" in sock.recv(4096)
        reset(sock)
    # P-13.
    assert seen(alicorn, "gone") == 1006
    assert seen(alicorn, "gone_send") == "OSError"


def test_frames_right_behind_the_handshake(alicorn):
    # P-16: a masked text "hi" with a key of zeros.
    with alicorn.connect() as sock:
        sock.sendall(HANDSHAKE % b"/echo" + b"\x81\x82\0\0\0\0hi")
        received = b""
        while not received.endswith(b"\x81\x02hi"):
            piece = sock.recv(4096)
            assert piece
            received += piece


def test_a_refused_handshake_says_why(alicorn):
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    response = httpx.get(alicorn.url + "/echo", headers=headers)
    assert response.status_code == 400
    assert "Sec-WebSocket-Key" in response.text
    assert "Sec-WebSocket-Key" in alicorn.wait_for_line("WARNING")


def test_messages_that_wait_hold_the_client(serve):
    served = serve("alicorn", "raw:app", "--ws-max-queue", "2")
    with connect(served.ws + "/echo", compression=None) as connection:
        for number in range(200):
            connection.send(str(number))
        assert [connection.recv(timeout=5) for _ in range(200)] == [str(number) for number in range(200)]


def test_stopping_closes_with_1012(serve):
    served = serve("alicorn", "raw:app")
    with connect(served.ws + "/echo") as connection:
        connection.send("there")
        assert connection.recv(timeout=5) == "there"
        begun = time.monotonic()
        served.process.terminate()
        assert ended(connection)[0] == 1012
    assert served.stop() == -15
    assert time.monotonic() - begun < 5
