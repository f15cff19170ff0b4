# SPDX-License-Identifier: Apache-2.0
"""HTTP of a bare application: what Alicorn answers is what uvicorn answers, but for P-11 to P-28."""

import json
import time

import httpx
import pytest
from conftest import Served, reset

OWN = {"date", "server", "connection", "keep-alive"}


def asked(method: str, path: str, **keywords):
    def ask(served: Served):
        response = httpx.request(method, served.url + path, **keywords)
        fields = sorted((name, value) for name, value in response.headers.multi_items() if name not in OWN)
        return response.status_code, fields, response.content

    return ask


def seen(served: Served, key: str, patience: float = 5):
    """What the application has put down, as soon as it has."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = httpx.get(served.url + "/seen").json()
        if key in found:
            return found[key]
        time.sleep(0.01)
    raise AssertionError(f"the application has not come to {key!r}")


@pytest.mark.parametrize(
    "path",
    [
        "/pieces", "/buffers", "/mappings", "/nothing", "/value", "/raises", "/wrong_order", "/text_body", "/task", "/context",
        "/timeout", "/create_task", "/group", "/anyio_group", "/thread", "/background", "/state",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_answers_as_uvicorn_does(pair, path, method):
    uvicorn, alicorn = pair.both(asked(method, path))
    assert alicorn == uvicorn


@pytest.mark.parametrize("target", ["/scope", "/scope?a=b%20c&d", "/sco%70e?x=%2F"])
def test_scope_has_uvicorns_keys_and_types(pair, target):
    headers = [("Host", "example.org"), ("X-Twice", "one"), ("x-twice", "two"), ("Cookie", "a=b")]
    uvicorn, alicorn = pair.both(asked("GET", target, headers=headers))
    (expected, got) = (json.loads(uvicorn[2]), json.loads(alicorn[2]))
    # The extensions are more than uvicorn has on HTTP/1.1 (P-30).
    assert set(got["keys"]) - {"extensions"} == set(expected["keys"])
    assert got["values"] == expected["values"]
    assert got["client"] == expected["client"] == "tuple"


@pytest.mark.parametrize("size", [0, 1, 65_536, 300_000])
def test_bodies_come_and_go(pair, size):
    body = bytes(index % 251 for index in range(size))
    uvicorn, alicorn = pair.both(asked("POST", "/echo", content=body))
    assert alicorn == uvicorn
    assert alicorn[2] == body


def test_bodies_in_chunks(alicorn):
    def pieces():
        for number in range(50):
            yield b"%d," % number

    response = httpx.post(alicorn.url + "/echo", content=pieces())
    assert response.content == b"".join(pieces())


@pytest.mark.parametrize("path", ["/half", "/raises_late"])
def test_cut_off_responses_are_seen(pair, path):
    for served in pair.servers.values():
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(served.url + path)


def test_wrong_events_are_told_to_the_application(alicorn):
    def told(path):
        return httpx.get(alicorn.url + path).json()

    assert told("/wrong_order") == [
        "RuntimeError", "Expected ASGI message 'http.response.start', but got 'http.response.body'."
    ]
    assert told("/wrong_type") == [
        "RuntimeError", "Expected ASGI message 'http.response.start', but got 'http.response.unknown'."
    ]
    assert told("/no_type") == ["KeyError", "'type'"]
    name, text = told("/wrong_header")
    assert (name, text.split(".")[0]) == ("RuntimeError", "Invalid HTTP header value")
    assert told("/text_header") == ["TypeError", "'header name' must be bytes, not str."]


def test_nothing_follows_a_whole_response(alicorn):
    assert httpx.get(alicorn.url + "/twice").json() == "once"
    assert "after response already completed" in seen(alicorn, "twice")


def test_a_failure_is_logged_with_its_traceback(alicorn):
    assert httpx.get(alicorn.url + "/raises").status_code == 500
    alicorn.wait_for_line("Exception in ASGI application")
    alicorn.wait_for_line("Traceback (most recent call last):")
    alicorn.wait_for_line("ValueError: out of the application")


def test_a_task_that_cancels_itself_is_a_failure(alicorn):
    assert httpx.get(alicorn.url + "/cancels_itself").status_code == 500
    assert httpx.get(alicorn.url + "/task").status_code == 200


def test_two_tasks_may_receive(alicorn):
    assert httpx.get(alicorn.url + "/two_receive").json() == "sent"
    assert seen(alicorn, "two_receive") == ["http.disconnect", "http.disconnect"]


def test_a_client_that_goes_is_told_of(alicorn):
    with alicorn.connect() as sock:
        sock.sendall(b"GET /disconnect HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.1)
        reset(sock)
    assert seen(alicorn, "disconnect") == "http.disconnect"
    # P-26: as the announced version of the specification promises; it is no error in the log.
    assert seen(alicorn, "disconnect_send") == "OSError"
    assert not any("closed the connection" in line for line in alicorn.lines)


def test_a_response_is_out_before_the_application_goes_on(alicorn):
    begun = time.monotonic()
    assert httpx.get(alicorn.url + "/blocks?0.5").json() == "before blocking"
    assert time.monotonic() - begun < 0.4
    httpx.get(alicorn.url + "/task")


def test_pipelined_requests_are_answered_in_order(alicorn):
    requests = b"".join(
        b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path for path in (b"/pieces", b"/context", b"/task", b"/thread")
    )
    requests += b"GET /context HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    received = alicorn.exchange(requests)
    assert received.count(b"HTTP/1.1 200") == 5
    # None sees what another has set, though it was begun while that one answered: uvicorn's second one does.
    assert received.count(b'["unset", "set"]') == 2
    assert received.index(b"piece 2") < received.index(b'"woken"')


def test_a_slow_client_holds_the_application(alicorn):
    with alicorn.connect() as sock:
        sock.sendall(b"GET /large?2000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        time.sleep(0.3)
        memory = resident(alicorn.process.pid)
        assert "large" not in httpx.get(alicorn.url + "/seen").json()
        count = 0
        while piece := sock.recv(1 << 20):
            count += len(piece)
    assert count > 2000 * 65_536
    assert seen(alicorn, "large") == "sent"
    assert memory < 120 << 20


def resident(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_contexts_that_are_reset(serve, loop):
    """What a program has set before it serves is seen by requests, unless each has a context of its own."""
    for options, expected in [((), "program"), (("--reset-contextvars",), "unset")]:
        served = serve("alicorn", "program:app", "--loop", loop, *options)
        assert httpx.get(served.url).text == expected
