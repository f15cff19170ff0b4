# SPDX-License-Identifier: Apache-2.0
"""Sets a context variable when the server starts, as tracing does, and tells what a request sees of it."""

import contextvars

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")
variable.set("program")


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": variable.get().encode()})
