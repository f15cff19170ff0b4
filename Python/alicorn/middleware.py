# SPDX-License-Identifier: Apache-2.0
"""What stands between the server and applications of other kinds."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from alicorn.logging import TRACE

Application = Callable[..., Any]
Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

logger = logging.getLogger("uvicorn.asgi")


class ASGI2Adapter:
    """Calls an application of ASGI 2.0: first with the scope, then with what it has returned (A-03)."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        await self._application(scope)(receive, send)


class TracingAdapter:
    """Writes each event to the logger `uvicorn.asgi`, with bodies and header fields left out (U-LG-23)."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._calls = 0

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        self._calls += 1
        client = scope.get("client")
        prefix = (f"{client[0]}:{client[1]} - " if client else "") + f"ASGI [{self._calls}]"

        async def traced_receive() -> Event:
            event = await receive()
            logger.log(TRACE, "%s Receive %s", prefix, _shortened(event))
            return event

        async def traced_send(event: Event) -> None:
            logger.log(TRACE, "%s Send %s", prefix, _shortened(event))
            await send(event)

        logger.log(TRACE, "%s Started scope=%s", prefix, _shortened(scope))
        try:
            await self._application(scope, traced_receive, traced_send)
        except BaseException:
            logger.log(TRACE, "%s Raised exception", prefix)
            raise
        logger.log(TRACE, "%s Completed", prefix)


def _shortened(event: Event) -> Event:
    shown = dict(event)
    for key in ("body", "bytes", "text"):
        if (value := shown.get(key)) is not None:
            shown[key] = f"<{len(value)} {'chars' if isinstance(value, str) else 'bytes'}>"
    if "headers" in shown:
        shown["headers"] = "<...>"
    return shown
