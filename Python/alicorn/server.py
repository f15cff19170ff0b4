# SPDX-License-Identifier: Apache-2.0
"""Serves one application in this process, from its start to its end."""

import asyncio
import contextlib
import logging
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from alicorn import _alicorn, systemd
from alicorn.addresses import Listening
from alicorn.config import STARTUP_FAILURE, Config
from alicorn.lifespan import Lifespan
from alicorn.logging import log_process
from alicorn.metrics import MetricsService, WorkerPlace
from alicorn.tls import CertificateWatch, describe

logger = logging.getLogger("uvicorn.error")
access_logger = logging.getLogger("uvicorn.access")

_TICK = 0.1
"""How often is looked whether the server is to end, in seconds."""


class Server:
    """A server, as `uvicorn.Server` is one: `run()`, or `await serve()` in a loop that runs already.

    Set `should_exit` to end it in order, and `force_exit` to end it at once. `worker` is for one of several processes.
    """

    def __init__(self, config: Config, worker: WorkerPlace | None = None) -> None:
        self.config = config
        self.started = False
        self.should_exit = False
        self.force_exit = False
        self.lifespan: Lifespan
        self._is_full = False
        self._native: _alicorn.Server | None = None
        self._servers: list[asyncio.Server] = []
        self._listening: Listening | None = None
        self._worker = worker
        self._metrics: MetricsService | None = None
        self._certificate = CertificateWatch(config)
        self._captured_signals: list[int] = []
        self._last_notified = 0.0
        self._limit = config.limit_max_requests
        if self._limit is not None:
            self._limit += random.randint(0, config.limit_max_requests_jitter)

    # Running

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until it is told to end: by a signal, or by `should_exit`."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self.serve(sockets))

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """The same, in the loop that runs."""
        with self.capture_signals():
            await self._serve(sockets)

    async def _serve(self, sockets: list[socket.socket] | None) -> None:
        if not self.config.loaded:
            self.config.load()
        self.lifespan = Lifespan(self.config.loaded_app, self.config.lifespan, self.config.asgi_version)
        log_process(logger, "Started server process [%d]")
        await self.startup(sockets)
        if not self.should_exit:
            await self.main_loop()
        if self.started:
            await self.shutdown(sockets)
            log_process(logger, "Finished server process [%d]")

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Has the application start, then listens."""
        if self.config.metrics_path is not None:
            self._metrics = MetricsService(self.config.metrics_path, self._worker)
        await self._start_application()
        loop = asyncio.get_running_loop()
        try:
            self._native = native = self._make_native(self.config.loaded_app, self._options())
            self._show_metrics()
            loop.add_reader(native.fileno(), native.poll)
            if sockets is None:
                self._listening = Listening(self.config.addresses, lambda address: address.bind())
                sockets = self._listening.sockets
            for sock in sockets:
                await self._listen(native, loop, sock)
        except (OSError, ValueError) as error:
            logger.error(error)
            if self._listening is not None:
                self._listening.close()
            await self._end_application(self.config.timeout_graceful_shutdown)
            sys.exit(STARTUP_FAILURE)
        self.listeners = sockets
        if self._listening is not None:
            self.config.announce(self._listening)
            systemd.tell_ready(self._status(self._listening))
        self.started = True

    def _status(self, listening: Listening) -> str:
        return "Running on " + ", ".join(place % arguments for place, arguments in self.config.places(listening))

    async def _start_application(self) -> None:
        began = time.monotonic()
        self._note("starting")
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(STARTUP_FAILURE)
        self._note("running" if self.lifespan.is_supported else "unsupported")
        if self._metrics is not None:
            self._metrics.counted.start(time.monotonic() - began)

    def _note(self, state: str) -> None:
        if self._metrics is not None:
            self._metrics.counted.enter(state)

    def _show_metrics(self) -> None:
        if self._metrics is None:
            return
        own = self.config.bind_metrics() if self._worker is None else self._worker.metrics_sockets
        quiet = self._options() | {
            "log_level": logging.CRITICAL, "access_log": False, "is_secure": False, "limit_max_requests": None, "metrics": None,
            "metrics_path": None, "state": None, "ws": False,
        }
        self._metrics.show(lambda page: self._make_native(page, quiet), own)

    def _make_native(self, application: Any, options: dict[str, Any]) -> _alicorn.Server:
        return _alicorn.Server(
            application,
            asyncio.get_running_loop(),
            options,
            logger.log,
            _log_access,
            _log_record,
            _log_exception,
            self._become_full,
            describe(self.config),
        )

    async def _listen(self, native: _alicorn.Server, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
        """Plain connections are the engine's from the start; those with TLS are asyncio's, which has it."""
        sock.listen(self.config.backlog)
        copy = sock.dup()
        if self.config.ssl is None:
            native.listen(copy.detach())
        else:
            self._servers.append(
                await loop.create_server(
                    native.make_protocol, sock=copy, ssl=self.config.ssl, backlog=self.config.backlog  # type: ignore[arg-type]
                )
            )

    def _options(self) -> dict[str, Any]:
        config = self.config
        server = None
        metrics = self._metrics
        headers = [(name.strip(), value.strip()) for name, value in config.headers]
        if config.server_header and not any(name.lower() == "server" for name, _ in headers):
            server = "alicorn"
        return {
            "log_level": logger.getEffectiveLevel(),
            "access_log": access_logger.hasHandlers() and access_logger.isEnabledFor(logging.INFO),
            "access_log_websockets": config.has_websockets_in_access_log,
            "access_log_format": config.access_log_format,
            "access_log_fields": config.log_format == "json",
            "metrics": metrics and metrics.counted,
            "metrics_path": config.metrics_path if config.metrics_port is None else None,
            "metrics_page": metrics and metrics.page,
            "cancel_on_disconnect": config.cancel_on_disconnect,
            "loss_is_1005": config.compat == "uvicorn",
            "state": self.lifespan.state,
            "reset_contextvars": config.reset_contextvars,
            "asgi_version": config.asgi_version,
            "root_path": config.root_path,
            "is_secure": config.ssl is not None,
            "limit_concurrency": config.limit_concurrency,
            "limit_websockets": config.limit_websockets,
            "limit_max_requests": self._limit,
            "limit_body": config.limit_body,
            "limit_header_size": config.limit_header_size,
            "limit_headers": config.limit_headers,
            "limit_connections_per_client": config.limit_connections_per_client,
            "limit_handshake_rate": config.limit_handshake_rate,
            "limit_client_handshake_rate": config.limit_client_handshake_rate,
            "timeout_head": config.timeout_head,
            "timeout_body": config.timeout_body,
            "timeout_keep_alive": config.timeout_keep_alive,
            "headers": headers,
            "server": server,
            "date_header": config.date_header,
            "forwarded_allow_ips": config.forwarded_allow_ips if config.proxy_headers else None,
            "forwarded_header": config.forwarded_header,
            "proxy_protocol": config.proxy_protocol,
            "ws": config.ws != "none",
            "ws_max_size": config.ws_max_size,
            "ws_max_queue": config.ws_max_queue,
            "ws_max_queue_bytes": config.ws_max_queue_bytes,
            "ws_ping_interval": config.ws_ping_interval or None,
            "ws_ping_timeout": config.ws_ping_timeout,
            "ws_close_timeout": config.ws_close_timeout,
            "ws_open_timeout": config.ws_open_timeout,
            "ws_allowed_origins": config.ws_allowed_origins,
            "ws_per_message_deflate": config.ws_per_message_deflate,
            "ws_deflate_level": config.ws_deflate_level,
            "ws_deflate_memory_level": config.ws_deflate_memory_level,
            "ws_deflate_threshold": config.ws_deflate_threshold,
            "ws_deflate_window_bits": config.ws_deflate_window_bits,
        }

    def _become_full(self) -> None:
        self._is_full = True

    # While it runs

    async def main_loop(self) -> None:
        """Waits until the server is to end."""
        while not await self.on_tick():
            await asyncio.sleep(_TICK)

    async def on_tick(self, counter: int = 0) -> bool:
        """Whether the server is to end."""
        self._certificate.look()
        notify = self.config.callback_notify
        if notify is not None and time.monotonic() - self._last_notified > self.config.timeout_notify:
            self._last_notified = time.monotonic()
            await notify()
        if self._is_full and not self.should_exit:
            logger.info("Maximum request limit of %d exceeded. Terminating process.", self._limit)
            return True
        return self.should_exit

    # The end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends in order, within the time for that (U-SG-05), then has the application clean up."""
        logger.info("Shutting down")
        systemd.tell_stopping()
        self._note("stopping")
        grace = self.config.timeout_graceful_shutdown
        await self.lifespan.say_goodbye(10 if grace is None else grace)
        native = self._native
        assert native is not None
        native.stop_listening()
        for server in self._servers:
            server.close()
        for sock in self.listeners:
            sock.close()
        if self._listening is not None:
            self._listening.close()
        native.leave()
        await asyncio.sleep(_TICK)
        try:
            async with asyncio.timeout(grace):
                await self._wait_until_quiet(native)
        except TimeoutError:
            logger.error("Cancel %s running task(s), timeout graceful shutdown exceeded", native.running())
        if native.connections() or native.running():
            native.cut()
            await asyncio.sleep(0)
        await self._end_application(grace)
        asyncio.get_running_loop().remove_reader(native.fileno())
        native.end()
        if self._metrics is not None:
            self._metrics.end()
        # It has functions of ours, which the collector does not see.
        self._native = None

    async def _end_application(self, within: float | None) -> None:
        """Has it clean up; it is not waited for beyond the time for that, nor when the server is to end at once."""
        ending = asyncio.ensure_future(self.lifespan.shutdown(within))
        while not ending.done() and not self.force_exit:
            await asyncio.wait({ending}, timeout=_TICK)
        if ending.done():
            ending.result()
        else:
            ending.cancel()

    async def _wait_until_quiet(self, native: _alicorn.Server) -> None:
        if native.connections() and not self.force_exit:
            logger.info("Waiting for connections to close. (CTRL+C to force quit)")
            while native.connections() and not self.force_exit:
                await asyncio.sleep(_TICK)
        if native.running() and not self.force_exit:
            logger.info("Waiting for background tasks to complete. (CTRL+C to force quit)")
            while native.running() and not self.force_exit:
                await asyncio.sleep(_TICK)

    # Signals

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hears signals meanwhile, in the main thread, and passes them on at the end (U-SG-01, U-SG-04)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        for number in reversed(self._captured_signals):
            signal.raise_signal(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends in order at the first signal, at once at a second SIGINT (U-SG-02, U-SG-03)."""
        self._captured_signals.append(sig)
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        else:
            self.should_exit = True


def _log_access(client: str, method: str, path: str, version: str, status: int) -> None:
    access_logger.info('%s - "%s %s HTTP/%s" %d', client, method, path, version, status)


def _log_record(message: str, fields: dict[str, Any] | None) -> None:
    access_logger.info("%s", message, extra={"fields": fields})


def _log_exception(error: BaseException) -> None:
    logger.error("Exception in ASGI application\n", exc_info=error)
