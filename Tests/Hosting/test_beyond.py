# SPDX-License-Identifier: Apache-2.0
"""What uvicorn does not do."""

import contextlib
import json
import re
import signal
import socket
import time

import httpx
import pytest
from conftest import HANDSHAKE, Served, start
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect




@pytest.fixture(scope="module")
def beyond(loop):
    served = start("alicorn", "beyond:app", "--loop", loop, "--cancel-on-disconnect")
    yield served
    served.stop(signal.SIGKILL)


def wait_until_seen(served: Served, *texts: str) -> list[str]:
    """What the application has seen, once that is among it."""
    deadline = time.monotonic() + 10
    seen: list[str] = []
    while time.monotonic() < deadline:
        seen = httpx.get(served.url + "/seen").json()
        if all(text in seen for text in texts):
            return seen
        time.sleep(0.01)
    raise AssertionError(f"{texts} are not among {seen}")


# Broadcast


@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("way", ["objects", "scopes", "handles", "task"])
def test_a_broadcast_comes_to_all(beyond, way, compression):
    with contextlib.ExitStack() as stack:
        members = [stack.enter_context(connect(f"{beyond.ws}/room/{way}", compression=compression)) for _ in range(5)]
        assert [member.recv(timeout=5) for member in members] == ["1", "2", "3", "4", "5"]
        for message in ["text é", b"\0\xff", "a" * 100_000, ""]:
            members[2].send(message)
            assert [member.recv(timeout=5) for member in members] == [message] * 5


def test_a_broadcast_by_an_event(beyond):
    with connect(beyond.ws + "/events") as connection:
        for message in ["text", b"bytes"]:
            connection.send(message)
            assert [connection.recv(timeout=5), connection.recv(timeout=5)] == [message, message]


def test_a_broadcast_that_cannot_be(beyond):
    with connect(beyond.ws + "/wrong") as connection:
        outcomes = json.loads(connection.recv(timeout=5))
    assert [outcome.partition(":")[0] for outcome in outcomes] == [
        "TypeError", "TypeError", "TypeError", "TypeError", "UnicodeEncodeError", "RuntimeError", "sent",
    ]
    assert "extension 'websocket.broadcast'" in outcomes[1]
    assert "call_soon_threadsafe" in outcomes[5]


def test_a_broadcast_passes_over_who_is_gone(beyond):
    with connect(beyond.ws + "/gone"):
        pass
    wait_until_seen(beyond, "sent to nobody")


def test_a_broadcast_cuts_who_reads_nothing(beyond):
    with beyond.connect() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(HANDSHAKE % b"/room/objects")
        assert b"101" in slow.recv(4096)
        with connect(beyond.ws + "/room/objects", compression=None, max_size=None) as fast:
            assert fast.recv(timeout=5) == "2"
            message = bytes(8 << 20)
            for _ in range(10):
                fast.send(message)
                assert fast.recv(timeout=10) == message
        slow.settimeout(10)
        with pytest.raises(ConnectionResetError):
            while slow.recv(1 << 20):
                pass


# Cancelling


def test_a_request_whose_client_goes_is_cancelled(beyond):
    with beyond.connect() as sock:
        sock.sendall(b"GET /works HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until_seen(beyond, "works")
    wait_until_seen(beyond, "cancelled: Task cancelled, the client has disconnected")


def test_a_websocket_whose_client_goes_is_cancelled(beyond):
    before = httpx.get(beyond.url + "/seen").json()
    with connect(beyond.ws + "/works") as connection:
        connection.send("begin")
        while httpx.get(beyond.url + "/seen").json().count("works") == before.count("works"):
            pass
    deadline = time.monotonic() + 10
    cancelled = "cancelled: Task cancelled, the client has disconnected"
    while httpx.get(beyond.url + "/seen").json().count(cancelled) == before.count(cancelled):
        assert time.monotonic() < deadline


def test_who_hears_of_it_or_has_done_is_not_cancelled(beyond):
    with connect(beyond.ws + "/listens") as connection:
        connection.close(4002)
    with connect(beyond.ws + "/closes") as connection:
        with contextlib.suppress(Exception):
            connection.recv(timeout=5)
    assert httpx.get(beyond.url + "/background", headers={"Connection": "close"}).text == "answered"
    wait_until_seen(beyond, "heard 4002", "closed", "background")


def test_without_the_option_applications_go_on(serve):
    served = serve("alicorn", "beyond:app")
    with served.connect() as sock:
        sock.sendall(b"GET /works HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until_seen(served, "works")
    with served.connect() as sock:
        sock.sendall(b"GET /seen HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        sock.settimeout(5)
        while sock.recv(4096):
            pass
    assert not any("cancelled" in text for text in httpx.get(served.url + "/seen").json())


# The goodbye


@pytest.mark.parametrize(("application", "messages"), [("polite", ["hello", "goodbye"]), ("silent", ["hello"])])
def test_a_goodbye_before_the_end(serve, application, messages):
    served = serve("alicorn", f"beyond:{application}", "--timeout-graceful-shutdown", "1")
    with connect(served.ws) as connection:
        assert connection.recv(timeout=5) == "hello"
        served.process.terminate()
        received = ["hello"]
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                received.append(connection.recv(timeout=5))
    assert (received, closed.value.rcvd.code) == (messages, 1012)
    assert served.stop() == -15
    assert any("has not said goodbye within 1 s" in line for line in served.lines) == (application == "silent")


# Lines


def visit(served: Served) -> None:
    assert httpx.get(served.url + "/seen?a=%20b").status_code == 200
    with connect(served.ws + "/closes") as connection, contextlib.suppress(Exception):
        connection.recv(timeout=5)


def test_lines_as_json(serve):
    served = serve("alicorn", "beyond:app", "--log-format", "json")
    visit(served)
    served.wait_for_line('"event": "end"')
    served.stop()
    lines = [json.loads(line) for line in served.lines]
    for line in lines:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
        assert (line["level"], type(line["message"])) == ("info", str)
    access = [line for line in lines if line["logger"] == "uvicorn.access"]
    assert [line["event"] for line in access] == ["request", "handshake", "end"]
    assert (access[0]["path"], access[0]["query"], access[0]["status"], access[0]["bytes"]) == ("/seen", "a=%20b", 200, 2)
    assert access[0]["message"].endswith('- "GET /seen?a=%20b HTTP/1.1" 200 OK')
    assert all(line["duration_ms"] > 0 for line in access)
    assert (access[1]["status"], access[2]["close_code"], access[2]["messages_sent"]) == (101, 4001, 0)


def test_a_failure_as_json(serve):
    served = serve("alicorn", "raw:app", "--log-format", "json")
    assert httpx.get(served.url + "/raises").status_code == 500
    line = json.loads(served.wait_for_line("Exception in ASGI application"))
    assert line["level"] == "error"
    assert line["exception"].startswith("Traceback")
    assert "ValueError: out of the application" in line["exception"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ('%(h)s "%(r)s" %(s)s %(b)s', [r'127\.0\.0\.1:\d+ "GET /seen\?a=%20b HTTP/1\.1" 200 2', r'127\.0\.0\.1:\d+ "GET /closes HTTP/1\.1" 101 -']),
        ("%(m)s %(U)s", ["GET /seen", "GET /closes"]),
        ("%(D)s %(c)s", [r"\d+ -", r"\d+ 4001"]),
    ],
)
def test_lines_of_the_access_log_in_a_format(serve, form, expected):
    served = serve("alicorn", "beyond:app", "--access-log-format", form, "--log-level", "info")
    visit(served)
    served.stop()
    lines = [line.rstrip("\n") for line in served.lines if not line.startswith("INFO: ")]
    assert len(lines) == len(expected), lines
    for line, pattern in zip(lines, expected):
        assert re.fullmatch(pattern, line)


def test_a_format_that_cannot_be():
    with pytest.raises(AssertionError, match="access_log_format: the format of the access log asks for \"zz\""):
        start("alicorn", "beyond:app", "--access-log-format", "%(zz)s")


# Metrics


def samples(text: str) -> dict[str, float]:
    """What a page of metrics says, by name and labels."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_at_a_path(serve, loop):
    served = serve("alicorn", "beyond:app", "--metrics-path", "/own/metrics", "--loop", loop)
    visit(served)
    served.wait_for_line("[closed 4001")
    with connect(served.ws + "/room/objects") as connection:
        assert connection.recv(timeout=5) == "1"
        connection.send("hello")
        assert connection.recv(timeout=5) == "hello"
        response = httpx.get(served.url + "/own/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = samples(response.text)
    assert told['alicorn_http_requests_total{method="GET",status="2xx"}'] == 1
    assert told["alicorn_http_requests_in_flight"] == 1
    assert told["alicorn_http_request_duration_seconds_count"] == 1
    assert told['alicorn_websocket_handshakes_total{detail="101",outcome="accepted",role="server"}'] == 2
    assert told['alicorn_websocket_closes_total{cause="closed_locally",code="4xxx",role="server"}'] == 1
    assert told['alicorn_lifespan_state{state="running"}'] == 1
    assert told["alicorn_lifespan_startup_seconds"] > 0
    assert told["process_resident_memory_bytes"] > 1e6
    assert httpx.get(served.url + "/own/metrics", headers={"Accept": "application/openmetrics-text"}).text.endswith("# EOF\n")
    # It is a path of GET and HEAD; the rest is the application's.
    assert httpx.head(served.url + "/own/metrics").status_code == 200
    assert httpx.get(served.url + "/own").status_code == 404


def test_refused_handshakes_are_counted_by_cause(serve):
    served = serve("alicorn", "beyond:app", "--metrics-path", "/metrics", "--ws-allowed-origins", "https://example.com")
    with pytest.raises(InvalidStatus):
        connect(served.ws + "/closes", origin="https://elsewhere.example")
    told = samples(httpx.get(served.url + "/metrics").text)
    assert told['alicorn_websocket_handshake_refusals_total{cause="forbidden_origin"}'] == 1


def test_metrics_at_a_port_of_their_own(serve):
    served = serve("alicorn", "beyond:app", "--metrics-port", "0")
    place = re.search(r"Metrics at (http://\S+:\d+/metrics)", served.wait_for_line("Metrics at"))[1]
    assert httpx.get(served.url + "/metrics").status_code == 404
    told = samples(httpx.get(place).text)
    assert told['alicorn_http_requests_total{method="GET",status="4xx"}'] == 1
    assert httpx.get(place.replace("/metrics", "/other")).status_code == 404
    assert httpx.post(place).status_code == 404
    assert served.stop() == -15


@pytest.mark.parametrize("options", [["--metrics-path", "/metrics"], ["--metrics-port", "0"]])
def test_metrics_of_all_workers(serve, options):
    served = serve("alicorn", "beyond:app", "--workers", "3", *options)
    place = served.url + "/metrics"
    if "--metrics-port" in options:
        place = re.search(r"Metrics at (http://\S+)", served.wait_for_line("Metrics at"))[1]
    for _ in range(3):
        served.wait_for_line("Application startup complete")
    for _ in range(60):
        assert httpx.get(served.url + "/seen").status_code == 200
    deadline = time.monotonic() + 10
    workers: dict[str, float] = {}
    while time.monotonic() < deadline and len(workers) < 3:
        told = samples(httpx.get(place).text)
        pattern = re.compile(r'alicorn_http_requests_total\{method="GET",status="2xx",worker="(\d)"\}')
        workers = {match[1]: value for name, value in told.items() if (match := pattern.fullmatch(name))}
    assert sorted(workers) == ["0", "1", "2"]
    assert sum(workers.values()) >= 60
    assert served.stop() == 0


def test_a_path_of_metrics_that_cannot_be():
    with pytest.raises(AssertionError, match="must begin with a slash"):
        start("alicorn", "beyond:app", "--metrics-path", "metrics")
