# SPDX-License-Identifier: Apache-2.0
"""The life of the server, as the application hears of it (A-LS, U-LS)."""

import asyncio
import logging
from typing import Any

_WRONG_ORDER = "Got invalid state transition on lifespan protocol."

logger = logging.getLogger("uvicorn.error")


class Lifespan:
    """Tells an application that the server starts and ends, once.

    `should_exit` says that the application has failed in one of them; `state` is what each request gets a copy of.
    """

    def __init__(self, application: Any, mode: str, asgi_version: str) -> None:
        self._application = application
        self._mode = mode
        self._asgi_version = asgi_version
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._started = asyncio.Event()
        self._stopped = asyncio.Event()
        self._said_goodbye = asyncio.Event()
        self._wants_goodbye = False
        self._has_raised = False
        self._is_stopping = False
        self._start_failed = False
        self._stop_failed = False
        self._task: asyncio.Task[None] | None = None
        self.should_exit = False
        self.state: dict[str, Any] = {}

    @property
    def is_supported(self) -> bool:
        """Whether the application has one, and it has not ended."""
        return self._mode != "off" and not self._has_raised

    async def startup(self) -> None:
        """Has the application start, and waits until it has, or has failed."""
        if self._mode == "off":
            return
        logger.info("Waiting for application startup.")
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._events.put_nowait({"type": "lifespan.startup"})
        await self._started.wait()
        if self._start_failed or (self._has_raised and self._mode == "on"):
            logger.error("Application startup failed. Exiting.")
            self.should_exit = True
        else:
            logger.info("Application startup complete.")

    async def say_goodbye(self, within: float) -> None:
        """Lets an application that has asked for it say goodbye to its clients, while all are connected (P-38).

        It asks by `"goodbye": True` in `lifespan.startup.complete`, gets `lifespan.goodbye`, and answers with
        `lifespan.goodbye.complete`, within so many seconds.
        """
        if not self._wants_goodbye or not self.is_supported:
            return
        self._events.put_nowait({"type": "lifespan.goodbye", "within": within})
        try:
            async with asyncio.timeout(within):
                await self._said_goodbye.wait()
        except TimeoutError:
            logger.warning("The application has not said goodbye within %g s.", within)

    async def shutdown(self, within: float | None) -> None:
        """Has the application clean up, and waits until it has, for so many seconds at most."""
        if not self.is_supported:
            return
        self._is_stopping = True
        logger.info("Waiting for application shutdown.")
        self._events.put_nowait({"type": "lifespan.shutdown"})
        try:
            async with asyncio.timeout(within):
                await self._stopped.wait()
        except TimeoutError:
            logger.error("The application has not cleaned up within %g s. Exiting.", within)
            self.should_exit = True
            return
        if self._stop_failed or (self._has_raised and self._mode == "on"):
            logger.error("Application shutdown failed. Exiting.")
            self.should_exit = True
        else:
            logger.info("Application shutdown complete.")

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": self._asgi_version, "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._application(scope, self._events.get, self._send)
        except BaseException as error:
            self._has_raised = True
            # Who was not waited for any longer is cancelled when the loop ends.
            was_cut = self._is_stopping and isinstance(error, asyncio.CancelledError)
            if not self._start_failed and not self._stop_failed and not was_cut:
                self._report(error)
        finally:
            self._started.set()
            self._said_goodbye.set()
            self._stopped.set()

    def _report(self, error: BaseException) -> None:
        """P-28: who does not know of the lifespan is served all the same, but is told what went wrong in it."""
        if self._mode == "on" or self._started.is_set():
            logger.error("Exception in 'lifespan' protocol\n", exc_info=error)
            return
        message = "ASGI 'lifespan' protocol appears unsupported."
        if _refuses_scope(error):
            logger.info(message)
        else:
            logger.warning("%s It failed with %s: %s", message, type(error).__name__, error)

    async def _send(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "lifespan.goodbye.complete":
            assert self._wants_goodbye and self._started.is_set() and not self._said_goodbye.is_set(), _WRONG_ORDER
            self._said_goodbye.set()
            return
        ends_start = kind in ("lifespan.startup.complete", "lifespan.startup.failed")
        ends_stop = kind in ("lifespan.shutdown.complete", "lifespan.shutdown.failed")
        assert ends_start or ends_stop, f"Expected an event of the lifespan, but got '{kind}'."
        assert self._started.is_set() == ends_stop and not self._stopped.is_set(), _WRONG_ORDER
        if kind.endswith(".failed"):
            self._start_failed, self._stop_failed = ends_start, ends_stop
            if event.get("message"):
                logger.error(event["message"])
        self._wants_goodbye = self._wants_goodbye or (ends_start and bool(event.get("goodbye")))
        (self._started if ends_start else self._stopped).set()


def _refuses_scope(error: BaseException) -> bool:
    """Whether that is how applications say that they do not know of the lifespan: by an assertion, or a complaint that
    names it (A-16)."""
    return isinstance(error, (AssertionError, NotImplementedError, KeyError)) or "lifespan" in str(error).lower()
