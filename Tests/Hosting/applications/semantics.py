# SPDX-License-Identifier: Apache-2.0
"""Does with tasks, generators and exceptions what applications do, and tells what it has seen as JSON."""

import asyncio
import tempfile

import anyio
from raw import accepted, answer, body_of, http_seen, seen  # noqa: F401


async def app(scope, receive, send):
    assert scope["type"] in ("http", "websocket")
    handler = globals()[scope["type"] + "_" + scope["path"].strip("/")]
    await handler(scope, receive, send)


async def begin(send, headers=()):
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def piece(send, body, more=True):
    await send({"type": "http.response.body", "body": body, "more_body": more})


# Generators, which nobody closes: that is asyncio's business, as soon as they are gone


async def pieces(name):
    try:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        seen[name] = "cleaned"


async def http_generator(scope, receive, send):
    await begin(send)
    async for part in pieces("generator"):
        await piece(send, part)


async def http_generator_left(scope, receive, send):
    async for part in pieces("generator_left"):
        await answer(send, part)
        break


async def messages(receive):
    try:
        while (event := await receive())["type"] == "websocket.receive":
            yield event["text"]
    finally:
        await asyncio.sleep(0)
        seen["messages"] = "cleaned"


async def websocket_generator(scope, receive, send):
    await accepted(receive, send)
    async for text in messages(receive):
        await send({"type": "websocket.send", "text": text})
        if text == "fail":
            raise ValueError("amid the messages")
        if text == "leave":
            return


# Tasks of which one fails


async def waits(receive, name):
    try:
        while (event := await receive())["type"] != "http.disconnect":
            pass
        seen[name] = event["type"]
    except asyncio.CancelledError:
        seen[name] = "cancelled"
        raise


async def fails():
    await asyncio.sleep(0)
    raise KeyError("child")


async def http_group(scope, receive, send):
    async with asyncio.TaskGroup() as group:
        group.create_task(waits(receive, "group"))
        group.create_task(fails())


async def http_anyio_group(scope, receive, send):
    async with anyio.create_task_group() as group:
        group.start_soon(waits, receive, "anyio_group")
        group.start_soon(fails)


async def websocket_group(scope, receive, send):
    await accepted(receive, send)
    async with asyncio.TaskGroup() as group:
        group.create_task(waits(receive, "websocket_group"))
        group.create_task(fails())


async def websocket_anyio_group(scope, receive, send):
    await accepted(receive, send)
    async with anyio.create_task_group() as group:
        group.start_soon(waits, receive, "websocket_anyio_group")
        group.start_soon(fails)


async def websocket_one_of_two(scope, receive, send):
    """Of two tasks that receive one is cancelled; what comes is the other's."""
    await accepted(receive, send)
    first, second = asyncio.create_task(receive()), asyncio.create_task(receive())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    await send({"type": "websocket.send", "text": "one is left"})
    await send({"type": "websocket.send", "text": (await second)["text"]})


# Timeouts


async def timed_out(awaitable, kind):
    if kind == "wait_for":
        await asyncio.wait_for(awaitable, 0.01)
    elif kind == "timeout":
        async with asyncio.timeout(0.01):
            await awaitable
    else:
        with anyio.fail_after(0.01):
            await awaitable


async def websocket_timeout(scope, receive, send):
    await accepted(receive, send)
    try:
        await timed_out(receive(), scope["query_string"].decode())
    except TimeoutError:
        await send({"type": "websocket.send", "text": f"late {asyncio.current_task().cancelling()}"})
    await send({"type": "websocket.send", "text": (await receive())["text"]})


async def http_stalled(scope, receive, send):
    kind = scope["query_string"].decode()
    await begin(send)
    count = 0
    try:
        while True:
            await timed_out(piece(send, bytes(100_000)), kind)
            count += 100_000
    except TimeoutError:
        seen[f"stalled {kind}"] = count
    await piece(send, b"end", more=False)


async def websocket_stalled(scope, receive, send):
    kind = scope["query_string"].decode()
    await accepted(receive, send)
    try:
        while True:
            await timed_out(send({"type": "websocket.send", "bytes": bytes(100_000)}), kind)
    except TimeoutError:
        seen[f"websocket_stalled {kind}"] = "late"
    await send({"type": "websocket.send", "text": "end"})


# Exceptions


async def http_raises(scope, receive, send):
    where = scope["query_string"].decode()
    if where == "start":
        await begin(send)
    if where == "body":
        await begin(send, [(b"content-length", b"10")])
        await piece(send, b"half")
    if where == "request":
        await body_of(receive)
    if where == "end":
        await answer(send, "whole")
    if where == "exit":
        raise SystemExit(7)
    if where == "interrupt":
        raise KeyboardInterrupt
    raise ValueError(f"at {where}")


async def websocket_raises(scope, receive, send):
    where = scope["query_string"].decode()
    if where != "call":
        await receive()
    if where in ("accept", "message", "close", "exit"):
        await send({"type": "websocket.accept"})
    if where == "message":
        await receive()
    if where == "close":
        await send({"type": "websocket.close", "code": 4000, "reason": "own"})
    if where in ("denial_start", "denial_body"):
        await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"content-length", b"10")]})
    if where == "denial_body":
        await send({"type": "websocket.http.response.body", "body": b"half", "more_body": True})
    if where == "exit":
        raise SystemExit(7)
    raise ValueError(f"at {where}")


async def websocket_late(scope, receive, send):
    """Goes on to send when the client has closed."""
    await accepted(receive, send)
    event = await receive()
    errors = []
    for late in (
        {"type": "websocket.send", "text": "late"}, {"type": "websocket.send", "bytes": b"late"}, {"type": "websocket.close"},
    ):
        try:
            await send(late)
            errors.append("silent")
        except Exception as error:
            errors.append(isinstance(error, OSError))
    seen["late"] = [event["code"], errors, (await receive())["type"]]


# Sending without end, to clients that go: nothing else is awaited. There is an end to it, for the sake of the test.

sparse = tempfile.NamedTemporaryFile()
sparse.truncate(1 << 30)


async def told(scope, work):
    """Puts down how it ends under the key that the query names."""
    try:
        await work
        seen[scope["query_string"].decode()] = "not told"
    except OSError:
        seen[scope["query_string"].decode()] = "OSError"


async def push(send, event, times=50_000):
    for _ in range(times):
        await send(event)


async def http_pushes(scope, receive, send):
    await begin(send)
    await told(scope, push(send, {"type": "http.response.body", "body": bytes(65_536), "more_body": True}))


async def http_file(scope, receive, send):
    await begin(send)
    await told(scope, send({"type": "http.response.pathsend", "path": sparse.name}))


async def websocket_pushes(scope, receive, send):
    await accepted(receive, send)
    await told(scope, push(send, {"type": "websocket.send", "bytes": bytes(65_536)}))


async def websocket_chatters(scope, receive, send):
    """Sends small messages until another connection has asked it to stop."""
    await accepted(receive, send)
    while "stop" not in seen:
        await send({"type": "websocket.send", "text": "chatter"})


async def http_stop(scope, receive, send):
    seen["stop"] = "asked"
    await answer(send, "stopped")
