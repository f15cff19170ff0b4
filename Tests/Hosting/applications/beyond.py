# SPDX-License-Identifier: Apache-2.0
"""Applications that use what uvicorn does not have."""

import asyncio
import contextlib

import alicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

members: set[WebSocket] = set()
seen: list[str] = []


async def room(websocket: WebSocket) -> None:
    """Sends what a member says to all, in the way that its path tells; what it is called must not change what comes."""
    await websocket.accept()
    members.add(websocket)
    await websocket.send_text(str(len(members)))
    try:
        while (event := await websocket.receive())["type"] == "websocket.receive":
            message = event.get("text", event.get("bytes"))
            match websocket.path_params["way"]:
                case "objects":
                    alicorn.broadcast(members, message)
                case "scopes":
                    alicorn.broadcast([member.scope for member in members], message)
                case "handles":
                    handles = (member.scope["extensions"]["websocket.broadcast"]["connection"] for member in members)
                    alicorn.broadcast(handles, bytearray(message) if isinstance(message, bytes) else message)
                case "task":
                    await asyncio.create_task(tell(message))
    finally:
        members.discard(websocket)


async def tell(message: str | bytes) -> None:
    await asyncio.sleep(0)
    alicorn.broadcast(members, message)


class Events:
    """The same for a bare application, by an event; to itself."""

    async def __call__(self, scope, receive, send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        connection = scope["extensions"]["websocket.broadcast"]["connection"]
        while (event := await receive())["type"] == "websocket.receive":
            await send({**event, "type": "websocket.broadcast", "connections": [connection, connection]})


async def wrong(websocket: WebSocket) -> None:
    """Tells what is raised for what cannot be sent, or not to that, or not from there."""
    await websocket.accept()

    def told(connections: object, message: object) -> str:
        try:
            alicorn.broadcast(connections, message)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return "sent"

    outcomes = [told(*arguments) for arguments in [(5, "a"), ([5], "a"), ([{}], "a"), ([websocket], 5), ([websocket], "\ud800")]]
    outcomes.append(await asyncio.to_thread(told, [websocket], "a"))
    outcomes.append(told([], "a"))
    await websocket.send_json(outcomes)


async def gone(websocket: WebSocket) -> None:
    """Stays when its client has gone, and sends to it."""
    await websocket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        await websocket.receive_text()
    alicorn.broadcast([websocket], "nobody")
    seen.append("sent to nobody")


async def works(connection: Request | WebSocket) -> PlainTextResponse:
    """Is busy for as long as it is let."""
    if isinstance(connection, WebSocket):
        await connection.accept()
        await connection.receive_text()
    seen.append("works")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        seen.append(f"cancelled: {error}")
        raise
    return PlainTextResponse("done")


async def listens(websocket: WebSocket) -> None:
    """Hears that its client goes, and cleans up."""
    await websocket.accept()
    try:
        await websocket.receive_text()
    except WebSocketDisconnect as error:
        await asyncio.sleep(0.05)
        seen.append(f"heard {error.code}")


async def closes(websocket: WebSocket) -> None:
    """Closes itself, and cleans up."""
    await websocket.accept()
    await websocket.close(4001)
    await asyncio.sleep(0.05)
    seen.append("closed")


async def afterwards() -> None:
    await asyncio.sleep(0.05)
    seen.append("background")


async def background(request: Request) -> PlainTextResponse:
    return PlainTextResponse("answered", background=BackgroundTask(afterwards))


async def tell_seen(request: Request) -> JSONResponse:
    return JSONResponse(seen)


app = Starlette(
    routes=[
        Route("/works", works),
        Route("/background", background),
        Route("/seen", tell_seen),
        WebSocketRoute("/works", works),
        WebSocketRoute("/listens", listens),
        WebSocketRoute("/closes", closes),
        WebSocketRoute("/gone", gone),
        WebSocketRoute("/wrong", wrong),
        WebSocketRoute("/room/{way}", room),
        WebSocketRoute("/events", Events()),
    ]
)


class Polite:
    """A bare application that says goodbye to those who are connected; or does not."""

    def __init__(self, answers: bool) -> None:
        self.answers = answers
        self.members: set[object] = set()

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "lifespan":
            assert (await receive())["type"] == "lifespan.startup"
            await send({"type": "lifespan.startup.complete", "goodbye": True})
            event = await receive()
            assert (event["type"], event["within"] > 0) == ("lifespan.goodbye", True)
            if self.answers:
                alicorn.broadcast(self.members, "goodbye")
                await send({"type": "lifespan.goodbye.complete"})
            assert (await receive())["type"] == "lifespan.shutdown"
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await receive()
            await send({"type": "websocket.accept"})
            self.members.add(scope["extensions"]["websocket.broadcast"]["connection"])
            await send({"type": "websocket.send", "text": "hello"})
            await receive()


polite, silent = Polite(True), Polite(False)
