# SPDX-License-Identifier: Apache-2.0
"""What `alicorn hello` does, as a bare ASGI application: for measuring the servers of Python beside it."""

TEXT = b"Hello, World!"
FIELDS = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(TEXT)).encode())]


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": FIELDS})
        await send({"type": "http.response.body", "body": TEXT})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            # One of the two is there, and not None.
            await send({"type": "websocket.send", "bytes": event.get("bytes"), "text": event.get("text")})
    else:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
