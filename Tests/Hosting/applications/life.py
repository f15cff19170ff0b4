# SPDX-License-Identifier: Apache-2.0
"""Applications that do one thing or another with their life."""


async def unaware(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def raises(scope, receive, send):
    raise ValueError("a bug")


async def fails(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def fails_to_stop(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "cannot stop"})


async def wrong_order(scope, receive, send):
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def returns(scope, receive, send):
    if scope["type"] == "http":
        await unaware(scope, receive, send)


def factory():
    return unaware


def needs_argument(argument):
    return unaware


class Two:
    """An application of ASGI 2.0."""

    def __init__(self, scope):
        assert scope["asgi"]["version"] == "2.0", scope
        self.scope = scope

    async def __call__(self, receive, send):
        await unaware(self.scope, receive, send)


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode(), b" ", environ["wsgi.input"].read()]


async def never_stops(scope, receive, send):
    if scope["type"] == "http":
        await unaware(scope, receive, send)
        return
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await receive()
