# SPDX-License-Identifier: Apache-2.0
"""Answers by the extensions of ASGI that uvicorn does not have on HTTP/1.1 (A-EX)."""

import tempfile

from raw import answer, caught, http_seen, seen  # noqa: F401

CONTENT = bytes(index % 251 for index in range(300_000))

file = tempfile.NamedTemporaryFile()
file.write(CONTENT)
file.flush()
sparse = tempfile.NamedTemporaryFile()
sparse.truncate(64 << 20)


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await globals()["http_" + scope["path"].strip("/")](scope, receive, send)


async def begin(send, *, status=200, headers=(), **keywords):
    await send({"type": "http.response.start", "status": status, "headers": headers, **keywords})


async def http_extensions(scope, receive, send):
    await answer(send, sorted(scope["extensions"]))


# Trailers and hints


async def http_trailers(scope, receive, send):
    await begin(send, headers=[(b"trailer", b"x-sum, x-last")], trailers=True)
    await send({"type": "http.response.body", "body": b"body"})
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"4")], "more_trailers": True})
    await send({"type": "http.response.trailers", "headers": [(b"x-last", b"yes")]})


async def http_trailers_unannounced(scope, receive, send):
    await begin(send)
    try:
        await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"4")]})
    except RuntimeError as error:
        await send({"type": "http.response.body", "body": str(error).encode()})


async def http_hints(scope, receive, send):
    await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload", b"</b.js>; rel=preload"]})
    await send({"type": "http.response.early_hint", "links": [b"</c.js>; rel=preload"]})
    await answer(send, "hinted")


async def http_hint_splits(scope, receive, send):
    await caught(send, {"type": "http.response.early_hint", "links": [b"</a.css>\r\nx-other: 1"]})


# Files


async def http_path(scope, receive, send):
    await begin(send, headers=[(b"content-length", str(len(CONTENT)).encode())])
    await send({"type": "http.response.pathsend", "path": file.name})


async def http_path_behind_body(scope, receive, send):
    await begin(send)
    await send({"type": "http.response.body", "body": b"body ", "more_body": True})
    try:
        await send({"type": "http.response.pathsend", "path": file.name})
    except RuntimeError as error:
        await send({"type": "http.response.body", "body": str(error).encode()})


async def http_path_other(scope, receive, send):
    await begin(send)
    try:
        await send({"type": "http.response.pathsend", "path": scope["query_string"].decode()})
    except OSError as error:
        await send({"type": "http.response.body", "body": str(error).encode()})


async def http_sparse(scope, receive, send):
    event = {"pathsend": {"path": sparse.name}, "zerocopysend": {"file": sparse}}
    kind = scope["query_string"].decode()
    await begin(send)
    try:
        await send({"type": "http.response." + kind, **event[kind]})
    except OSError as error:
        seen[kind] = str(error)
        raise


async def http_descriptor(scope, receive, send):
    given = dict(pair.split("=") for pair in scope["query_string"].decode().split("&") if pair)
    given = {name: int(value) for name, value in given.items()}
    file.seek(given.pop("position", 0))
    await begin(send)
    await send({"type": "http.response.zerocopysend", "file": file, **given})
    seen["position"] = file.tell()


async def http_descriptor_in_pieces(scope, receive, send):
    await begin(send)
    await send({"type": "http.response.body", "body": b"first,", "more_body": True})
    for offset in (251, 0):
        await send(
            {"type": "http.response.zerocopysend", "file": file.fileno(), "offset": offset, "count": 3, "more_body": True}
        )
    await send({"type": "http.response.body", "body": b",last"})
