# SPDX-License-Identifier: Apache-2.0
"""An application of Starlette's, with all of its middlewares."""

from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute


class Backend(AuthenticationBackend):
    async def authenticate(self, conn):
        return AuthCredentials(["user"]), SimpleUser("somebody")


class Base(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["x-base"] = request.url.path
        return response


async def home(request):
    return PlainTextResponse("home " * 500)


async def echo(request):
    return JSONResponse(
        {"body": (await request.body()).decode(), "query": dict(request.query_params), "user": request.user.display_name}
    )


async def chunks(request):
    async def pieces():
        async for piece in request.stream():
            yield piece

    return StreamingResponse(pieces())


async def redirect(request):
    return RedirectResponse("/")


async def text(websocket):
    await websocket.accept(subprotocol="chat" if "chat" in websocket.scope["subprotocols"] else None)
    async for message in websocket.iter_text():
        await websocket.send_text(message)


app = Starlette(
    routes=[
        Route("/", home),
        Route("/echo", echo, methods=["POST"]),
        Route("/chunks", chunks, methods=["POST"]),
        Route("/redirect", redirect),
        Mount("/mounted", routes=[Route("/home", home)]),
        WebSocketRoute("/text", text),
    ],
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
        Middleware(CORSMiddleware, allow_origins=["https://example.org"]),
        Middleware(GZipMiddleware),
        Middleware(AuthenticationMiddleware, backend=Backend()),
        Middleware(Base),
    ],
)
