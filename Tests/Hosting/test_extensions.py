# SPDX-License-Identifier: Apache-2.0
"""Extensions of ASGI on HTTP/1.1, which uvicorn has none of there (A-EX, P-30)."""

import httpx
import pytest
from conftest import Served, reset
from test_http import seen

APPLICATION = "extensions:app"
CONTENT = bytes(index % 251 for index in range(300_000))


def raw(served: Served, method: str, path: str, fields: str = "", version: str = "1.1") -> tuple[list[bytes], bytes]:
    """The heads of all responses, and what follows the last of them."""
    request = f"{method} {path} HTTP/{version}\r\nHost: a\r\nConnection: close\r\n{fields}\r\n"
    rest = served.exchange(request.encode())
    heads = []
    while not heads or heads[-1].startswith(b"HTTP/1.1 1"):
        head, _, rest = rest.partition(b"\r\n\r\n")
        heads.append(head)
    return heads, rest


def test_what_is_announced(hosted):
    assert httpx.get(hosted.url + "/extensions").json() == [
        "http.response.early_hint", "http.response.pathsend", "http.response.trailers", "http.response.zerocopysend",
    ]


@pytest.mark.parametrize(
    ("method", "fields", "version", "expected"),
    [
        ("GET", "TE: trailers\r\n", "1.1", b"4\r\nbody\r\n0\r\nx-sum: 4\r\nx-last: yes\r\n\r\n"),
        ("GET", "TE: gzip;q=0.5, Trailers\r\n", "1.1", b"4\r\nbody\r\n0\r\nx-sum: 4\r\nx-last: yes\r\n\r\n"),
        ("GET", "", "1.1", b"4\r\nbody\r\n0\r\n\r\n"),
        ("GET", "TE: trailers\r\n", "1.0", b"body"),
        ("HEAD", "TE: trailers\r\n", "1.1", b""),
    ],
)
def test_trailers_are_for_who_takes_them(hosted, method, fields, version, expected):
    (head,), body = raw(hosted, method, "/trailers", fields, version)
    assert b"\r\ntrailer: x-sum, x-last" in head
    assert body == expected


def test_trailers_behind_a_head_that_has_none_announced(hosted):
    told = httpx.get(hosted.url + "/trailers_unannounced", headers={"TE": "trailers"}).text
    assert told == "Expected ASGI message 'http.response.body', but got 'http.response.trailers'."


def test_early_hints(hosted):
    heads, body = raw(hosted, "GET", "/hints")
    assert heads[:2] == [
        b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\nlink: </b.js>; rel=preload",
        b"HTTP/1.1 103 Early Hints\r\nlink: </c.js>; rel=preload",
    ]
    assert heads[2].startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == b'"hinted"'
    # HTTP/1.0 knows of no interim responses (RFC 9110 §15.2).
    heads, body = raw(hosted, "GET", "/hints", version="1.0")
    assert heads[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == b'"hinted"'


def test_hints_cannot_split_a_response(hosted):
    heads, body = raw(hosted, "GET", "/hint_splits")
    assert len(heads) == 1
    assert b"x-other" not in heads[0]
    assert body.startswith(b'["RuntimeError", "Invalid HTTP header value')


@pytest.mark.parametrize(("method", "expected"), [("GET", CONTENT), ("HEAD", b"")])
def test_a_file_by_its_path(hosted, method, expected):
    response = httpx.request(method, hosted.url + "/path")
    assert response.content == expected
    assert response.headers["content-length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/missing/file", 'there is no file "/missing/file" to be sent'),
        ("/dev/zero", '"/dev/zero" is not a regular file: nothing else is sent'),
        ("relative", 'the file "relative" cannot be sent by a relative path: give one that begins with a slash'),
    ],
)
def test_a_path_of_no_file_is_an_error_of_the_system(hosted, path, error):
    assert httpx.get(hosted.url + "/path_other?" + path).text == error


def test_a_path_is_the_whole_body(hosted):
    told = "body Expected ASGI message 'http.response.body', but got 'http.response.pathsend'."
    assert httpx.get(hosted.url + "/path_behind_body").text == told


@pytest.mark.parametrize(
    ("query", "expected", "position"),
    [
        ("", CONTENT, 300_000),
        ("count=7", CONTENT[:7], 7),
        ("position=10&count=5", CONTENT[10:15], 15),
        ("offset=5&count=10", CONTENT[5:15], 0),
        ("offset=299990", CONTENT[299_990:], 0),
        ("offset=0&count=0", b"", 0),
    ],
)
def test_a_file_by_its_descriptor(hosted, query, expected, position):
    assert httpx.get(hosted.url + "/descriptor?" + query).content == expected
    # Without an offset it stands behind what was sent, as after reading.
    assert httpx.get(hosted.url + "/seen").json()["position"] == position


@pytest.mark.parametrize("query", ["offset=299990&count=20", "offset=300001", "offset=-1", "count=-1"])
def test_what_a_file_does_not_have_is_a_failure(hosted, query):
    assert httpx.get(hosted.url + "/descriptor?" + query).status_code == 500


def test_a_file_among_other_pieces(hosted):
    response = httpx.get(hosted.url + "/descriptor_in_pieces")
    assert response.content == b"first,\0\1\2\0\1\2,last"


@pytest.mark.parametrize("kind", ["pathsend", "zerocopysend"])
def test_a_client_that_goes_amid_a_file(hosted, kind):
    with hosted.connect() as sock:
        sock.sendall(b"GET /sparse?%s HTTP/1.1\r\nHost: a\r\n\r\n" % kind.encode())
        assert sock.recv(12) == b"HTTP/1.1 200"
        # Another is answered when there is no room for more of the file.
        assert kind not in httpx.get(hosted.url + "/seen").json()
        reset(sock)
    assert seen(hosted, kind) == "The client has closed the connection."
    assert not any("closed the connection" in line for line in hosted.lines)
