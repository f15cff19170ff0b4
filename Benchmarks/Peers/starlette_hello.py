# SPDX-License-Identifier: Apache-2.0
"""The same with Starlette: what of a server's work is left where a framework does some, too."""

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def home(request):
    return PlainTextResponse("Hello, World!")


async def echo(websocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[Route("/", home), WebSocketRoute("/", echo)])
