# SPDX-License-Identifier: Apache-2.0
"""A bare ASGI application that does what its path says, and tells what it has seen as JSON."""

import asyncio
import collections.abc
import contextvars
import json

import anyio

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")
seen: dict[str, object] = {}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
        return
    handler = globals()[scope["type"] + "_" + scope["path"].strip("/").replace("/", "_")]
    await handler(scope, receive, send)


async def lifespan(scope, receive, send):
    assert (await receive())["type"] == "lifespan.startup"
    scope["state"]["started"] = ["yes"]
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    await send({"type": "lifespan.shutdown.complete"})


async def answer(send, value, status=200, headers=()):
    body = value if isinstance(value, bytes) else json.dumps(value, default=repr).encode()
    fields = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive):
    body = b""
    while True:
        event = await receive()
        assert event["type"] == "http.request", event
        body += event["body"]
        if not event["more_body"]:
            return body


# What there is in a request


async def http_scope(scope, receive, send):
    shown = {key: repr(value) for key, value in scope.items() if key not in ("client", "server", "extensions", "asgi")}
    await answer(send, {"keys": sorted(scope), "values": shown, "client": type(scope["client"]).__name__})


async def http_echo(scope, receive, send):
    await answer(send, await body_of(receive))


async def http_pieces(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for number in range(3):
        await send({"type": "http.response.body", "body": b"piece %d," % number, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body"})


async def http_buffers(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": iter([[b"X-Kind", b"iterator"]])})
    await send({"type": "http.response.body", "body": bytearray(b"array "), "more_body": True})
    await send({"type": "http.response.body", "body": memoryview(b"view")})


class Lazy(collections.abc.Mapping):
    """Makes its values when it is asked for them, and keeps none."""

    def __init__(self, **values):
        self._values = values

    def __getitem__(self, key):
        value = self._values[key]
        return value() if callable(value) else value

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)


async def http_mappings(scope, receive, send):
    headers = [(b"x-kind", b"mapping"), (b"content-length", b"300000")]
    await send(Lazy(type="http.response.start", status=200, headers=lambda: list(headers)))
    await send(Lazy(type="http.response.body", body=lambda: bytes([65]) * 300_000))


async def http_nothing(scope, receive, send):
    pass


async def http_half(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def http_value(scope, receive, send):
    await answer(send, "value")
    return 42


async def http_raises(scope, receive, send):
    raise ValueError("out of the application")


async def http_raises_late(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    raise ValueError("out of the application")


# What is wrong in what is sent: the error is told in the answer


async def caught(send, *events):
    try:
        for event in events:
            await send(event)
    except BaseException as error:
        await answer(send, [type(error).__name__, str(error)])


async def http_wrong_order(scope, receive, send):
    await caught(send, {"type": "http.response.body", "body": b""})


async def http_wrong_type(scope, receive, send):
    await caught(send, {"type": "http.response.unknown"})


async def http_no_type(scope, receive, send):
    await caught(send, {"status": 200})


async def http_wrong_header(scope, receive, send):
    await caught(
        send,
        {"type": "http.response.start", "status": 200, "headers": [(b"x-name", b"a\r\nb: c")]},
        {"type": "http.response.body", "body": b""},
    )


async def http_text_header(scope, receive, send):
    await caught(send, {"type": "http.response.start", "status": 200, "headers": [("x-name", "value")]})


async def http_text_body(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    try:
        await send({"type": "http.response.body", "body": "text"})
    except TypeError:
        await send({"type": "http.response.body", "body": b"TypeError"})


async def http_twice(scope, receive, send):
    await answer(send, "once")
    try:
        await answer(send, "twice")
    except RuntimeError as error:
        seen["twice"] = str(error)


async def http_seen(scope, receive, send):
    await answer(send, seen)


# Tasks, cancellation and context


async def http_task(scope, receive, send):
    task = asyncio.current_task()
    same = asyncio.current_task() is task and task in asyncio.all_tasks()
    await asyncio.sleep(0)
    await answer(send, [isinstance(task, asyncio.Task), same, asyncio.current_task() is task, task.cancelling()])


async def http_context(scope, receive, send):
    before = variable.get()
    variable.set("set")
    await asyncio.sleep(0)
    await answer(send, [before, variable.get()])


async def http_timeout(scope, receive, send):
    await body_of(receive)
    outcomes = []
    try:
        async with asyncio.timeout(0.01):
            await receive()
    except TimeoutError:
        outcomes.append("timeout")
    try:
        await asyncio.wait_for(receive(), 0.01)
    except TimeoutError:
        outcomes.append("wait_for")
    with anyio.move_on_after(0.01) as cancelled:
        await receive()
    outcomes.append(cancelled.cancelled_caught)
    outcomes.append(asyncio.current_task().cancelling())
    await answer(send, outcomes)


async def http_create_task(scope, receive, send):
    event = await asyncio.create_task(receive())
    first, second = await asyncio.gather(asyncio.sleep(0, "a"), asyncio.sleep(0, "b"))
    await answer(send, [event["type"], first, second])


async def http_group(scope, receive, send):
    outcomes = []
    await body_of(receive)

    async def fail():
        await asyncio.sleep(0)
        raise KeyError("child")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            await receive()
    except* KeyError:
        outcomes.append("group")
    outcomes.append(asyncio.current_task().cancelling())
    await answer(send, outcomes)


async def http_anyio_group(scope, receive, send):
    await body_of(receive)

    async def stop(group):
        await anyio.sleep(0)
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(stop, group)
        await receive()
    await answer(send, ["cancelled", group.cancel_scope.cancelled_caught])


async def http_thread(scope, receive, send):
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, loop.call_soon_threadsafe, event.set)
    await event.wait()
    await answer(send, "woken")


async def http_cancels_itself(scope, receive, send):
    asyncio.current_task().cancel()
    await asyncio.sleep(1)


async def http_two_receive(scope, receive, send):
    await body_of(receive)
    first, second = asyncio.create_task(receive()), asyncio.create_task(receive())
    await asyncio.sleep(0)
    await answer(send, "sent")
    events = await asyncio.wait_for(asyncio.gather(first, second), 5)
    seen["two_receive"] = [event["type"] for event in events]


async def http_disconnect(scope, receive, send):
    await body_of(receive)
    seen["disconnect"] = (await receive())["type"]
    try:
        await answer(send, "nobody is there")
        seen["disconnect_send"] = "silent"
    except OSError:
        seen["disconnect_send"] = "OSError"
        raise


async def http_background(scope, receive, send):
    await answer(send, "sent")
    await asyncio.sleep(0.05)
    seen["background"] = "done"


async def http_blocks(scope, receive, send):
    import time

    await answer(send, "before blocking")
    time.sleep(float(scope["query_string"]))


async def http_large(scope, receive, send):
    piece = bytes(1024) * 64
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(int(scope["query_string"])):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})
    seen["large"] = "sent"


async def http_state(scope, receive, send):
    value = repr(scope["state"])
    scope["state"]["own"] = 1
    await answer(send, value)


# WebSocket


async def accepted(receive, send, **keywords):
    assert (await receive()) == {"type": "websocket.connect"}
    await send({"type": "websocket.accept", **keywords})


async def websocket_echo(scope, receive, send):
    await accepted(receive, send)
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", **{key: value for key, value in event.items() if key != "type"}})
    seen["echo_end"] = event


async def websocket_scope(scope, receive, send):
    await accepted(receive, send, subprotocol=(scope["subprotocols"] or [None])[0], headers=[(b"X-Own", b"yes")])
    left_out = ("client", "server", "headers", "asgi", "extensions")
    shown = {key: repr(value) for key, value in scope.items() if key not in left_out}
    told = {"keys": sorted(scope), "values": shown, "extensions": sorted(scope["extensions"])}
    await send({"type": "websocket.send", "text": json.dumps(told)})
    await send({"type": "websocket.close", "code": 4000, "reason": "told"})
    seen["scope_end"] = await receive()


async def websocket_refuses(scope, receive, send):
    await receive()
    await send({"type": "websocket.close", "code": 4001})
    seen["refused"] = await receive()


async def websocket_denies(scope, receive, send):
    await receive()
    await send({"type": "websocket.http.response.start", "status": 429, "headers": [(b"x-wait", b"60")]})
    await send({"type": "websocket.http.response.body", "body": b"too ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"many"})


async def websocket_raises_early(scope, receive, send):
    raise ValueError("before accept")


async def websocket_raises(scope, receive, send):
    await accepted(receive, send)
    raise ValueError("after accept")


async def websocket_returns(scope, receive, send):
    await accepted(receive, send)


async def websocket_pushes(scope, receive, send):
    await accepted(receive, send)
    for number in range(100):
        await send({"type": "websocket.send", "text": str(number)})
    await send({"type": "websocket.close"})
    try:
        await send({"type": "websocket.send", "text": "late"})
    except RuntimeError as error:
        seen["late"] = str(error)


async def websocket_two_tasks(scope, receive, send):
    await accepted(receive, send)

    async def forward(name):
        event = await receive()
        await send({"type": "websocket.send", "text": f"{name} {event.get('text')}"})

    await asyncio.gather(forward("a"), forward("b"))
    await receive()


async def websocket_timeouts(scope, receive, send):
    await accepted(receive, send)
    for _ in range(50):
        try:
            await asyncio.wait_for(receive(), 0.001)
        except TimeoutError:
            pass
    await send({"type": "websocket.send", "text": "still there"})
    event = await receive()
    await send({"type": "websocket.send", "text": event["text"]})
    await receive()


async def websocket_gone(scope, receive, send):
    await accepted(receive, send)
    seen["gone"] = (await receive())["code"]
    try:
        await send({"type": "websocket.send", "text": "nobody"})
    except OSError:
        seen["gone_send"] = "OSError"
        raise
