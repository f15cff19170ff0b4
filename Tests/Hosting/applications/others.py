# SPDX-License-Identifier: Apache-2.0
"""Applications of Quart, Litestar and python-socketio."""

import litestar
import quart
import socketio

quart_app = quart.Quart(__name__)


@quart_app.route("/")
async def home():
    return "quart"


@quart_app.route("/echo", methods=["POST"])
async def echo():
    return await quart.request.get_data()


@quart_app.route("/stream")
async def stream():
    async def pieces():
        for number in range(3):
            yield b"%d" % number

    return pieces(), 200, {"x-kind": "stream"}


@quart_app.route("/bug")
async def bug():
    raise ValueError("a bug")


@quart_app.websocket("/ws")
async def ws():
    while True:
        await quart.websocket.send(await quart.websocket.receive())


@litestar.get("/")
async def litestar_home() -> dict[str, str]:
    return {"name": "litestar"}


@litestar.post("/echo")
async def litestar_echo(request: litestar.Request) -> bytes:
    return await request.body()


@litestar.get("/sync", sync_to_thread=True)
def litestar_sync() -> str:
    return "thread"


@litestar.websocket("/ws")
async def litestar_ws(socket: litestar.WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close(4001, "enough")


litestar_app = litestar.Litestar([litestar_home, litestar_echo, litestar_sync, litestar_ws])

server = socketio.AsyncServer(async_mode="asgi")
socketio_app = socketio.ASGIApp(server)


@server.event
async def message(sid, data):
    await server.emit("answer", {"got": data}, to=sid)
    return "acknowledged"
