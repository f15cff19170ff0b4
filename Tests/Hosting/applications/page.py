# SPDX-License-Identifier: Apache-2.0
"""A page of FastAPI's that talks by a WebSocket, and tells what came of it."""

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse

app = FastAPI()
seen: dict[str, object] = {}

PAGE = """<!doctype html>
<title>Echo</title>
<script type="module">
const told = {page: await (await fetch("/seen")).json(), messages: []};
const socket = new WebSocket(location.href.replace("http", "ws") + "echo", ["chat", "echo"]);
socket.binaryType = "arraybuffer";
socket.onopen = () => {
    told.protocol = socket.protocol;
    told.extensions = socket.extensions;
    socket.send("Grüße, 🦄");
    socket.send(new Uint8Array(70000).fill(7));
};
socket.onmessage = ({data}) => {
    told.messages.push(typeof data === "string" ? data : [data.byteLength, new Set(new Uint8Array(data)).size]);
    if (told.messages.length === 2) socket.send("close");
};
socket.onclose = ({code, reason, wasClean}) => {
    told.close = [code, reason, wasClean];
    fetch("/told", {method: "POST", body: JSON.stringify(told)});
};
</script>
"""


@app.get("/", response_class=HTMLResponse)
async def page():
    return PAGE


@app.get("/seen")
async def tell():
    return seen


@app.post("/told")
async def told(request: Request):
    seen["told"] = await request.json()


@app.websocket("/echo")
async def echo(websocket: WebSocket):
    await websocket.accept(subprotocol="echo")
    while (message := await websocket.receive()).get("text") != "close":
        await websocket.send({"type": "websocket.send"} | {key: message[key] for key in ("text", "bytes") if key in message})
    await websocket.close(4321, "as told")
