# SPDX-License-Identifier: Apache-2.0
"""Lines of the log on WebSockets: when they open and end, why they were lost, and all that passes (P-27, U-LG)."""

import re

import pytest
from conftest import HANDSHAKE, Served, reset
from websockets.sync.client import connect


def talk(served: Served) -> None:
    with connect(served.ws + "/echo") as websocket:
        websocket.send("hello")
        assert websocket.recv() == "hello"


def lose(served: Served) -> None:
    sock = served.connect()
    sock.sendall(HANDSHAKE % b"/echo")
    assert sock.recv(4096).startswith(b"HTTP/1.1 101")
    reset(sock)


def test_opening_and_end_are_in_the_access_log(serve):
    served = serve("alicorn", "raw:app")
    talk(served)
    opened = served.wait_for_line('"WebSocket /echo" [accepted]')
    assert re.fullmatch(r'INFO:     127\.0\.0\.1:\d+ - "WebSocket /echo" \[accepted\]\n', opened)
    ended = served.wait_for_line("[closed 1000")
    assert re.search(r'"WebSocket /echo" \[closed 1000, \d\.\d{3} s, 1 received, 1 sent\]\n', ended)
    served.stop()
    assert not [line for line in served.lines if "ended:" in line]


def test_they_can_be_silenced(serve):
    served = serve("alicorn", "raw:app", "--no-access-log")
    talk(served)
    served.stop()
    assert not [line for line in served.lines if "WebSocket" in line]


@pytest.mark.parametrize("options", [("--compat", "uvicorn"), ("--log-config",)])
def test_they_stay_where_uvicorn_has_them(serve, tmp_path, options):
    """If that is wished, and for formatters of somebody else, which know requests alone."""
    if options == ("--log-config",):
        file = tmp_path / "log.json"
        file.write_text(
            '{"version": 1, "formatters": {"a": {"()": "uvicorn.logging.AccessFormatter", '
            '"fmt": "%(client_addr)s %(status_code)s"}, "d": {"format": "OWN %(message)s"}}, '
            '"handlers": {"a": {"class": "logging.StreamHandler", "formatter": "a"}, '
            '"d": {"class": "logging.StreamHandler", "formatter": "d"}}, '
            '"loggers": {"uvicorn": {"handlers": ["d"], "level": "INFO"}, '
            '"uvicorn.access": {"handlers": ["a"], "level": "INFO", "propagate": false}}}'
        )
        options += (str(file),)
    served = serve("alicorn", "raw:app", "--no-access-log", *options)
    talk(served)
    served.wait_for_line('"WebSocket /echo" [accepted]')
    served.stop()
    assert not [line for line in served.lines if "Logging error" in line]


def test_why_a_connection_was_lost(serve):
    served = serve("alicorn", "raw:app", "--ws-ping-interval", "0.1", "--ws-ping-timeout", "0.1", "--ws-close-timeout", "0.1")
    lose(served)
    served.wait_for_line(" ended: ")
    sock = served.connect()
    sock.sendall(HANDSHAKE % b"/echo")
    line = served.wait_for_line(f"INFO:     WebSocket connection of 127.0.0.1:{sock.getsockname()[1]} ended: ")
    assert "keepalive" in line
    sock.close()


def test_all_that_passes(serve):
    served = serve("alicorn", "raw:app", "--log-level", "debug")
    talk(served)
    for text in (
        "DEBUG:    < GET /echo HTTP/1.1 peer=127.0.0.1:", "DEBUG:    > HTTP/1.1 101 Switching Protocols peer=",
        "DEBUG:    = connection is OPEN peer=", "DEBUG:    < TEXT 'hello' [5 bytes]", "DEBUG:    > TEXT 'hello' [5 bytes]",
        "DEBUG:    < CLOSE 1000 (OK) [2 bytes]", "DEBUG:    = connection is CLOSED peer=", "ended: the peer closed with 1000",
    ):
        served.wait_for_line(text)
