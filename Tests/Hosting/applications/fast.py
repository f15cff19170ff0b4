# SPDX-License-Identifier: Apache-2.0
"""An application of FastAPI's."""

import asyncio
import contextlib
import os
import tempfile
import threading

from fastapi import BackgroundTasks, Depends, FastAPI, File, Form, HTTPException, Request, UploadFile, WebSocket
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.websockets import WebSocketDisconnect

done: list[str] = []


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI):
    yield {"greeting": "hello"}


app = FastAPI(lifespan=lifespan)
folder = tempfile.mkdtemp()
with open(f"{folder}/page.txt", "wb") as file:
    file.write(b"static page " * 20_000)
os.utime(f"{folder}/page.txt", (1_000_000_000, 1_000_000_000))
app.mount("/static", StaticFiles(directory=folder))


class Item(BaseModel):
    name: str
    price: float


def common(limit: int = 10) -> int:
    return limit


async def cleaned():
    try:
        yield "resource"
    finally:
        done.append("cleaned")


@app.get("/items/{item_id}")
async def item(item_id: int, limit: int = Depends(common), resource: str = Depends(cleaned)):
    return {"id": item_id, "limit": limit, "resource": resource}


@app.post("/items")
async def make(item: Item):
    return item


@app.post("/form")
async def form(name: str = Form(), file: UploadFile = File()):
    return {"name": name, "size": len(await file.read()), "filename": file.filename}


@app.get("/sync")
def sync():
    return {"main": threading.current_thread() is threading.main_thread()}


@app.get("/state")
async def state(request: Request):
    return {"greeting": request.state.greeting}


@app.get("/background")
async def background(tasks: BackgroundTasks):
    tasks.add_task(done.append, "background")
    return "sent"


@app.get("/done")
async def finished():
    return done


@app.get("/error")
async def error():
    raise HTTPException(418, "teapot")


@app.get("/bug")
async def bug():
    raise ZeroDivisionError("a bug")


@app.get("/stream")
async def stream():
    async def pieces():
        for number in range(5):
            yield f"piece {number}\n"
            await asyncio.sleep(0)

    return StreamingResponse(pieces(), media_type="text/plain")


@app.get("/endless")
async def endless():
    async def pieces():
        try:
            while True:
                yield b"x" * 1000
                await asyncio.sleep(0.01)
        finally:
            done.append("endless")

    return StreamingResponse(pieces())


@app.get("/events")
async def events():
    async def pieces():
        for number in range(3):
            yield f"id: {number}\ndata: event {number}\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


@app.get("/file")
async def file_response():
    return FileResponse(f"{folder}/page.txt", filename="page.txt")


@app.middleware("http")
async def timed(request: Request, call_next):
    response = await call_next(request)
    response.headers["x-middleware"] = "yes"
    return response


@app.websocket("/ws/{room}")
async def websocket(websocket: WebSocket, room: str, token: str = "none"):
    if token == "bad":
        await websocket.close(4403)
        return
    await websocket.accept(headers=[(b"x-room", room.encode())])
    try:
        while True:
            await websocket.send_json({"room": room, "message": await websocket.receive_json()})
    except WebSocketDisconnect as error:
        done.append(f"websocket {error.code}")
