# SPDX-License-Identifier: Apache-2.0
"""By what options an application is served: uvicorn's names and defaults, and what there is beside them."""

import asyncio
import configparser
import contextlib
import copy
import inspect
import json
import logging
import logging.config
import os
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

from alicorn import systemd
from alicorn.addresses import Address, InheritedAddress, Listening, TCPAddress, UnixAddress, parse_address
from alicorn.binding import bind_tcp
from alicorn.importing import NotImportable, import_object
from alicorn.logging import CONFIGURATION, LEVELS, TRACE, styled
from alicorn.middleware import ASGI2Adapter, TracingAdapter

Interface = Literal["auto", "asgi3", "asgi2", "wsgi"]
LogConfig = dict[str, Any] | str | os.PathLike[str] | configparser.RawConfigParser | IO[Any] | None
SSLContextFactory = Callable[["Config", Callable[[], ssl.SSLContext]], ssl.SSLContext]

STARTUP_FAILURE = 3
"""The exit status of a server that could not start (U-XC-04 to U-XC-07)."""

LOOPS = ("auto", "asyncio", "uvloop", "zuvloop", "none")
WEBSOCKETS = ("auto", "alicorn", "websockets", "websockets-sansio", "wsproto", "none")

logger = logging.getLogger("uvicorn.error")


class InvalidOptions(ValueError):
    """Options that nothing can be made of, or that exclude each other."""


class Config:
    """How to serve an application. The keywords are those of `uvicorn.Config`, then Alicorn's own.

    Configures logging at once, as uvicorn does; `load()` imports the application.
    """

    def __init__(
        self,
        app: Any,
        host: str | None = "127.0.0.1",
        port: int = 8000,
        uds: str | None = None,
        fd: int | None = None,
        loop: str = "auto",
        http: Any = "auto",
        http2: bool = False,
        ws: Any = "auto",
        ws_max_size: int | None = 16_777_216,
        ws_max_queue: int = 32,
        ws_ping_interval: float | None = 20.0,
        ws_ping_timeout: float | None = 20.0,
        ws_per_message_deflate: bool = True,
        lifespan: Literal["auto", "on", "off"] = "auto",
        env_file: str | os.PathLike[str] | None = None,
        log_config: LogConfig = CONFIGURATION,
        log_level: str | int | None = None,
        access_log: bool = True,
        use_colors: bool | None = None,
        interface: Interface = "auto",
        reload: bool = False,
        reload_dirs: list[str] | str | None = None,
        reload_delay: float = 0.25,
        reload_includes: list[str] | str | None = None,
        reload_excludes: list[str] | str | None = None,
        workers: int | None = None,
        proxy_headers: bool = True,
        server_header: bool = True,
        date_header: bool = True,
        forwarded_allow_ips: list[str] | str | None = None,
        root_path: str = "",
        limit_concurrency: int | None = None,
        limit_max_requests: int | None = None,
        limit_max_requests_jitter: int = 0,
        backlog: int = 2048,
        timeout_keep_alive: float = 5,
        timeout_notify: float = 30,
        timeout_graceful_shutdown: float | None = 10,
        timeout_worker_healthcheck: float = 5,
        callback_notify: Callable[..., Awaitable[None]] | None = None,
        ssl_keyfile: str | os.PathLike[str] | None = None,
        ssl_certfile: str | os.PathLike[str] | None = None,
        ssl_keyfile_password: str | None = None,
        ssl_version: int = ssl.PROTOCOL_TLS_SERVER,
        ssl_cert_reqs: int = ssl.CERT_NONE,
        ssl_ca_certs: str | os.PathLike[str] | None = None,
        ssl_ciphers: str | None = None,
        ssl_context_factory: SSLContextFactory | None = None,
        headers: list[tuple[str, str]] | None = None,
        factory: bool = False,
        h11_max_incomplete_event_size: int | None = None,
        reset_contextvars: bool = False,
        *,
        access_log_format: str | None = None,
        bind: list[str] | str | None = None,
        cancel_on_disconnect: bool = False,
        compat: Literal["none", "uvicorn"] = "none",
        forwarded_header: Literal["x-forwarded", "forwarded"] = "x-forwarded",
        limit_body: int | None = None,
        limit_client_handshake_rate: int | None = None,
        limit_connections_per_client: int | None = None,
        limit_handshake_rate: int | None = None,
        limit_header_size: int = 65_536,
        limit_headers: int = 100,
        limit_websockets: int | None = None,
        log_format: Literal["text", "json"] = "text",
        metrics_host: str = "127.0.0.1",
        metrics_path: str | None = None,
        metrics_port: int | None = None,
        proxy_protocol: list[str] | str | None = None,
        ssl_reload: bool = True,
        timeout_body: float | None = 60,
        timeout_head: float | None = 30,
        uds_permissions: int | str | None = None,
        ws_allowed_origins: list[str] | str | None = None,
        ws_close_timeout: float = 10,
        ws_deflate_level: int = 6,
        ws_deflate_memory_level: int = 5,
        ws_deflate_threshold: int = 64,
        ws_deflate_window_bits: int = 12,
        ws_max_queue_bytes: int = 1_048_576,
        ws_open_timeout: float | None = 60,
    ) -> None:
        self.app = app
        self.host = host
        self.port = port
        self.uds = uds
        self.fd = fd
        self.loop = loop
        self.http = http
        self.http2 = http2
        self.ws = ws
        self.ws_max_size = ws_max_size
        self.ws_max_queue = ws_max_queue
        self.ws_ping_interval = ws_ping_interval
        self.ws_ping_timeout = ws_ping_timeout
        self.ws_per_message_deflate = ws_per_message_deflate
        self.lifespan = lifespan
        self.log_config = log_config
        self.log_level = log_level
        self.access_log = access_log
        self.use_colors = use_colors
        self.interface: str = interface
        self.reload = reload
        self.reload_delay = reload_delay
        self.workers = workers or 1
        self.proxy_headers = proxy_headers
        self.server_header = server_header
        self.date_header = date_header
        self.root_path = root_path
        self.limit_concurrency = limit_concurrency
        self.limit_max_requests = limit_max_requests
        self.limit_max_requests_jitter = limit_max_requests_jitter
        self.backlog = backlog
        self.timeout_keep_alive = timeout_keep_alive
        self.timeout_notify = timeout_notify
        self.timeout_graceful_shutdown = timeout_graceful_shutdown
        self.timeout_worker_healthcheck = timeout_worker_healthcheck
        self.callback_notify = callback_notify
        self.ssl_keyfile = ssl_keyfile
        self.ssl_certfile = ssl_certfile
        self.ssl_keyfile_password = ssl_keyfile_password
        self.ssl_version = ssl_version
        self.ssl_cert_reqs = ssl_cert_reqs
        self.ssl_ca_certs = ssl_ca_certs
        self.ssl_ciphers = ssl_ciphers
        self.ssl_context_factory = ssl_context_factory
        self.headers = headers or []
        self.factory = factory
        self.h11_max_incomplete_event_size = h11_max_incomplete_event_size
        self.reset_contextvars = reset_contextvars
        self.access_log_format = access_log_format
        self.bind = _list(bind)
        self.cancel_on_disconnect = cancel_on_disconnect
        self.compat = compat
        self.forwarded_header = forwarded_header
        self.limit_body = limit_body
        self.limit_client_handshake_rate = limit_client_handshake_rate
        self.limit_connections_per_client = limit_connections_per_client
        self.limit_handshake_rate = limit_handshake_rate
        self.limit_header_size = limit_header_size
        self.limit_headers = limit_headers
        self.limit_websockets = limit_websockets
        self.log_format = log_format
        self.metrics_host = metrics_host
        self.metrics_path = metrics_path or ("/metrics" if metrics_port is not None else None)
        self.metrics_port = metrics_port
        self.proxy_protocol = _list(proxy_protocol)
        self.ssl_reload = ssl_reload
        self.timeout_body = timeout_body
        self.timeout_head = timeout_head
        self.uds_permissions = int(uds_permissions, 8) if isinstance(uds_permissions, str) else uds_permissions
        self.ws_allowed_origins = _list(ws_allowed_origins)
        self.ws_close_timeout = ws_close_timeout
        self.ws_deflate_level = ws_deflate_level
        self.ws_deflate_memory_level = ws_deflate_memory_level
        self.ws_deflate_threshold = ws_deflate_threshold
        self.ws_deflate_window_bits = ws_deflate_window_bits
        self.ws_max_queue_bytes = ws_max_queue_bytes
        self.ws_open_timeout = ws_open_timeout

        self.loaded = False
        self.loaded_app: Any = None
        self.ssl: ssl.SSLContext | None = None

        self._check()
        self.configure_logging()
        self._read_environment(env_file, workers, forwarded_allow_ips)
        self._resolve_reload(reload_dirs, reload_includes, reload_excludes)
        if reload and self.workers > 1:
            logger.warning('"workers" flag is ignored when reloading is enabled.')

    def _check(self) -> None:
        if self.bind and (self.uds is not None or self.fd is not None):
            raise InvalidOptions("'bind' says where to listen: leave 'uds' and 'fd' out, or make them addresses of it.")
        for text in self.bind or []:
            parse_address(text)
        if self.http2:
            raise InvalidOptions("HTTP/2 is not served: leave 'http2' out.")
        if isinstance(self.ws, str) and self.ws not in WEBSOCKETS:
            raise InvalidOptions(
                f"There is no implementation of WebSocket named '{self.ws}': give one of {', '.join(WEBSOCKETS)}."
            )
        if self.metrics_path is not None and not self.metrics_path.startswith("/"):
            raise InvalidOptions(f"The path of the metrics must begin with a slash, and '{self.metrics_path}' does not.")

    def _read_environment(
        self, env_file: str | os.PathLike[str] | None, workers: int | None, allowed: list[str] | str | None
    ) -> None:
        """What a file sets is there for the application, and for the two variables that are read now (U-C-04)."""
        if env_file is not None:
            try:
                from dotenv import load_dotenv
            except ImportError:
                raise ImportError("Install the package python-dotenv to use --env-file.") from None
            logger.info("Loading environment from '%s'", env_file)
            load_dotenv(dotenv_path=env_file)
        if workers is None and "WEB_CONCURRENCY" in os.environ:
            self.workers = int(os.environ["WEB_CONCURRENCY"])
        if allowed is None:
            allowed = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
        self.forwarded_allow_ips = _list(allowed)

    def _resolve_reload(
        self, dirs: list[str] | str | None, includes: list[str] | str | None, excludes: list[str] | str | None
    ) -> None:
        if (dirs or includes or excludes) and not self.should_reload:
            logger.warning(
                "Current configuration will not reload as not all conditions are met, "
                "please refer to documentation."
            )
        self.reload_dirs = [Path(path).resolve() for path in _list(dirs) or ["."]]
        self.reload_includes = _list(includes) or []
        self.reload_excludes = _list(excludes) or []

    # What is asked of it

    @property
    def asgi_version(self) -> str:
        """The version that the application's scope tells (U-H-02)."""
        return {"asgi2": "2.0", "asgi3": "3.0", "wsgi": "3.0"}.get(self.interface, "3.0")

    @property
    def is_ssl(self) -> bool:
        """Whether connections are encrypted."""
        return bool(self.ssl_keyfile or self.ssl_certfile or self.ssl_context_factory)

    @property
    def use_subprocess(self) -> bool:
        """Whether the application is served in processes of its own."""
        return bool(self.reload or self.workers > 1)

    @property
    def should_reload(self) -> bool:
        """Whether it is started again when its files change; that takes an application by its name."""
        return isinstance(self.app, str) and self.reload

    @property
    def has_websockets_in_access_log(self) -> bool:
        """Whether lines on WebSockets are lines of the access log (P-27). They stay where uvicorn has them if that is wished,
        and for formatters of somebody else, which know its requests alone."""
        is_ours = self.log_config is CONFIGURATION or self.access_log_format is not None or self.log_format == "json"
        return is_ours and self.compat != "uvicorn"

    # Logging

    def configure_logging(self) -> None:
        """Sets up logging, as often as it is called: each process does so for itself (U-C-29 to U-C-32)."""
        logging.addLevelName(TRACE, "TRACE")
        self._read_log_config()
        if self.log_level is not None:
            level = LEVELS[self.log_level.lower()] if isinstance(self.log_level, str) else self.log_level
            for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
                logging.getLogger(name).setLevel(level)
        if not self.access_log:
            access = logging.getLogger("uvicorn.access")
            access.handlers = []
            access.propagate = False

    def _read_log_config(self) -> None:
        config = os.fspath(self.log_config) if isinstance(self.log_config, os.PathLike) else self.log_config
        if config is None:
            return
        if config is CONFIGURATION:
            logging.config.dictConfig(self._default_log_config())
        elif isinstance(config, dict):
            if self.use_colors is not None:
                for formatter in ("default", "access"):
                    config["formatters"][formatter]["use_colors"] = self.use_colors
            logging.config.dictConfig(config)
        elif isinstance(config, str) and config.endswith(".json"):
            logging.config.dictConfig(json.loads(Path(config).read_text()))
        elif isinstance(config, str) and config.endswith((".yaml", ".yml")):
            try:
                import yaml
            except ImportError:
                raise ImportError("Install the package PyYAML to use --log-config with a YAML file.") from None
            logging.config.dictConfig(yaml.safe_load(Path(config).read_text()))
        else:
            logging.config.fileConfig(config, disable_existing_loggers=False)

    def _default_log_config(self) -> dict[str, Any]:
        """What `CONFIGURATION` says, with lines as they are wanted."""
        config = copy.deepcopy(CONFIGURATION)
        formatters = config["formatters"]
        if self.use_colors is not None:
            for formatter in formatters.values():
                formatter["use_colors"] = self.use_colors
        if self.access_log_format is not None:
            formatters["access"] = {"format": "%(message)s"}
        if self.log_format == "json":
            config["formatters"] = dict.fromkeys(formatters, {"()": "alicorn.logging.JSONFormatter"})
        return config

    # The application

    def load_app(self) -> Any:
        """The application by its name; ends the process with status 3 when there is none (U-XC-04)."""
        try:
            return import_object(self.app)
        except NotImportable as error:
            logger.error("Error loading ASGI app. %s", error)
            sys.exit(STARTUP_FAILURE)

    def load(self) -> None:
        """Makes all that the options stand for: the application, as what it is called, and TLS."""
        assert not self.loaded
        self.ssl = self._make_ssl_context()
        self.loaded_app = self._call_factory(self.load_app())
        if self.interface == "auto":
            self.interface = "asgi3" if _is_coroutine_callable(self.loaded_app) else "asgi2"
        if self.interface == "wsgi":
            self.loaded_app = _wsgi_adapter(self.loaded_app)
            self.ws = "none"
        elif self.interface == "asgi2":
            self.loaded_app = ASGI2Adapter(self.loaded_app)
        if logger.getEffectiveLevel() <= TRACE:
            self.loaded_app = TracingAdapter(self.loaded_app)
        self.loaded = True

    def _call_factory(self, loaded: Any) -> Any:
        try:
            made = loaded()
        except TypeError as error:
            if self.factory:
                logger.error("Error loading ASGI app factory: %s", error)
                sys.exit(STARTUP_FAILURE)
            return loaded
        if not self.factory:
            logger.warning(
                "ASGI app factory detected. Using it, but please consider setting the --factory flag explicitly."
            )
        return made

    def _make_ssl_context(self) -> ssl.SSLContext | None:
        if self.ssl_context_factory is not None:
            context = self.ssl_context_factory(self, self._default_ssl_context)
            if not isinstance(context, ssl.SSLContext):
                raise TypeError(f"`ssl_context_factory` must return an `ssl.SSLContext`, got {type(context).__name__}")
            return context
        return self._default_ssl_context() if self.is_ssl else None

    def _default_ssl_context(self) -> ssl.SSLContext:
        if not self.ssl_certfile:
            raise RuntimeError("TLS needs a certificate: give `ssl_certfile`, or make the context yourself.")
        context = ssl.SSLContext(int(self.ssl_version))
        self.load_certificate(context)
        context.verify_mode = ssl.VerifyMode(self.ssl_cert_reqs)
        if self.ssl_ca_certs:
            context.load_verify_locations(self.ssl_ca_certs)
        if self.ssl_ciphers:
            context.set_ciphers(self.ssl_ciphers)
        return context

    def load_certificate(self, context: ssl.SSLContext | None = None) -> None:
        """Reads certificate and key, into the context that is used or into another."""
        context = context or self.ssl
        assert context is not None and self.ssl_certfile
        password = (lambda: self.ssl_keyfile_password or "") if self.ssl_keyfile_password else None
        context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile, password)

    # The loop and the socket

    def get_loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """What makes the loop; `None` leaves that to asyncio."""
        if self.loop == "none":
            return None
        if self.loop == "auto":
            try:
                import uvloop
            except ImportError:
                return asyncio.SelectorEventLoop
            return uvloop.new_event_loop
        if self.loop == "asyncio":
            return asyncio.SelectorEventLoop
        if self.loop in ("uvloop", "zuvloop"):
            return import_object(f"{self.loop}:new_event_loop")
        try:
            return import_object(self.loop)
        except NotImportable as error:
            logger.error("Error loading custom loop setup function. %s", error)
            sys.exit(STARTUP_FAILURE)

    @property
    def addresses(self) -> list[Address]:
        """Where to listen: at what systemd has bound, else at what the options say (P-33)."""
        bound = systemd.descriptors()
        if bound:
            return [InheritedAddress(descriptor) for descriptor in bound]
        if self.bind:
            return [parse_address(text, self.uds_permissions) for text in self.bind]
        if self.uds is not None:
            return [UnixAddress(self.uds, self.uds_permissions)]
        if self.fd is not None:
            return [InheritedAddress(self.fd)]
        return [TCPAddress(self.host, self.port)]

    def bind_socket(self) -> socket.socket:
        """Binds the first address, and says so: for `Server.run(sockets=[…])`."""
        return self.bind_for_processes().sockets[0]

    def bind_for_processes(self) -> Listening:
        """Binds what several processes are to accept from, and says so: whoever connects waits for the first of them."""
        with starting():
            listening = Listening(self.addresses, lambda address: [self._bind_one(address)])
        self.announce(listening)
        return listening

    def _bind_one(self, address: Address) -> socket.socket:
        sock = address.bind_for(self.workers)
        sock.listen(self.backlog)
        sock.set_inheritable(True)
        return sock

    def bind_metrics(self) -> list[socket.socket]:
        """Binds the metrics' own port, and says where; without one there is nothing to bind."""
        if self.metrics_port is None:
            return []
        address = TCPAddress(self.metrics_host, self.metrics_port)
        sock = bind_tcp(address.family, (self.metrics_host, self.metrics_port))
        place, arguments = address.place(sock, "http")
        logger.info(f"Metrics at {place}%s", *arguments, self.metrics_path)
        return [sock]

    def announce(self, listening: Listening) -> None:
        """Says where the server runs (U-LG-08, U-LG-09)."""
        for place, arguments in self.places(listening):
            logger.info(
                f"Uvicorn running on {place} (Press CTRL+C to quit)",
                *arguments,
                extra={"color_message": f"Uvicorn running on {styled(place, bold=True)} (Press CTRL+C to quit)"},
            )

    def places(self, listening: Listening) -> list[tuple[str, tuple[Any, ...]]]:
        """Where the server runs: formats, and what is put there."""
        return listening.places("https" if self.is_ssl else "http")


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Ends the process with status 3 when an address cannot be bound."""
    try:
        yield
    except (OSError, ValueError) as error:
        logger.error(error)
        sys.exit(STARTUP_FAILURE)


def _list(value: list[str] | str | None) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value)


def _is_coroutine_callable(application: Any) -> bool:
    if inspect.isclass(application):
        return hasattr(application, "__await__")
    if inspect.isfunction(application):
        return inspect.iscoroutinefunction(application)
    return inspect.iscoroutinefunction(getattr(application, "__call__", None))


def _wsgi_adapter(application: Any) -> Any:
    try:
        from a2wsgi import WSGIMiddleware
    except ImportError:
        raise ImportError("Install the package a2wsgi to serve WSGI applications.") from None
    return WSGIMiddleware(application)
