# SPDX-License-Identifier: Apache-2.0
"""The command line: uvicorn's options, and Alicorn's own."""

import inspect
import platform
import ssl
from typing import Any

import click

from alicorn.addresses import parse_address
from alicorn.config import LOOPS, WEBSOCKETS, Config, InvalidOptions
from alicorn.logging import CONFIGURATION, LEVELS
from alicorn.running import run
from alicorn.settings_file import read_settings
from alicorn.version import __version__

_DEFAULTS = {name: parameter.default for name, parameter in inspect.signature(Config).parameters.items()}


class _Address(click.ParamType):
    """An address of `--bind`."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            parse_address(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return value


class _Permissions(click.ParamType):
    """Permissions in octal digits, such as 0o660."""

    name = "octal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = int(value, 8) if isinstance(value, str) else value
        except ValueError:
            number = -1
        if not 0 <= number <= 0o777:
            self.fail(f"'{value}' are no permissions: give octal digits, such as 0o660.", param, ctx)
        return number


class _OrNone(click.ParamType):
    """A number, or `none` for no limit: what uvicorn knows in Python alone (U-C-24)."""

    def __init__(self, number: click.ParamType) -> None:
        self._number = number
        self.name = number.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value.lower() == "none":
            return None
        return self._number.convert(value, param, ctx)


def _option(name: str, help: str, parameter: str | None = None, **attributes: Any) -> Any:
    """An option of the command, whose default is that of `Config`."""
    parameter = parameter or name.lstrip("-").split("/")[0].replace("-", "_")
    default = _DEFAULTS.get(parameter)
    # Both prefixes count, ours first; for a list, also by uvicorn's name for all of its values.
    variables = dict.fromkeys([name.lstrip("-").split("/")[0].replace("-", "_").upper(), parameter.upper()])
    attributes["envvar"] = [prefix + variable for prefix in ("ALICORN_", "UVICORN_") for variable in variables]
    if not attributes.get("multiple"):
        attributes.setdefault("default", default)
        attributes.setdefault("show_default", default not in (None, "", False))
    return click.option(name, parameter, help=help, **attributes)


def _refuse_threads(context: click.Context, option: click.Parameter, value: int | None) -> None:
    if value not in (None, 1):
        raise click.BadParameter(
            "an application in Python runs in one thread of its process: give --workers instead.", context, option
        )


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or context.resilient_parsing:
        return
    click.echo(
        f"Running alicorn {__version__} with {platform.python_implementation()} {platform.python_version()} on "
        f"{platform.system()}"
    )
    context.exit()


_file = click.Path(exists=True, dir_okay=False)
_count = click.IntRange(min=1)
_seconds = click.FloatRange(min=0)

_OPTIONS = [
    click.option(
        "--config",
        help="A file with options by their names, .json or .yaml.",
        type=click.Path(exists=True, dir_okay=False),
        envvar="ALICORN_CONFIG",
        callback=read_settings,
        is_eager=True,
        expose_value=False,
    ),
    _option("--host", "Bind socket to this host."),
    _option("--port", "Bind socket to this port. If 0, an available port will be picked.", type=int),
    _option("--uds", "Bind to a UNIX domain socket.", type=str),
    _option("--fd", "Bind to socket from this file descriptor.", type=int),
    _option(
        "--bind",
        "Bind to HOST:PORT, [IPV6]:PORT, unix:PATH or fd:N. Repeat it for several.",
        multiple=True,
        type=_Address(),
    ),
    _option("--uds-permissions", "The permissions of a UNIX domain socket's file.", type=_Permissions()),
    _option("--reload", "Start the application again when its files change.", is_flag=True),
    _option(
        "--reload-dir",
        "A directory to watch instead of the current one. Repeat it for several.",
        "reload_dirs",
        multiple=True,
        type=click.Path(exists=True),
    ),
    _option("--reload-include", "A pattern of files to watch, beside *.py.", "reload_includes", multiple=True),
    _option("--reload-exclude", "A pattern of files not to watch.", "reload_excludes", multiple=True),
    _option("--reload-delay", "The seconds between two looks at the files.", type=_seconds),
    _option("--workers", "Processes that serve. $WEB_CONCURRENCY counts when this is not given.", type=_count),
    click.option(
        "--threads",
        help="1, as Python has it: --workers uses more cores.",
        type=_count,
        envvar="ALICORN_THREADS",
        callback=_refuse_threads,
        expose_value=False,
    ),
    click.option(
        "--engine",
        help="What carries connections: both mean Alicorn's own.",
        type=click.Choice(["auto", "native"]),
        envvar="ALICORN_ENGINE",
        expose_value=False,
    ),
    _option("--loop", "The event loop of asyncio.", metavar=f"[{'|'.join(LOOPS)}|module:factory]", type=str),
    _option("--http", "Taken for uvicorn's sake: there is one implementation of HTTP.", type=str),
    _option("--http2", "HTTP/2 is not served yet.", is_flag=True),
    _option("--ws", "What speaks WebSocket; all names but none mean Alicorn.", type=click.Choice(WEBSOCKETS)),
    _option("--ws-max-size", "The longest WebSocket message in bytes, or none.", type=_OrNone(_count)),
    _option("--ws-max-queue", "Messages that wait for the application before reading pauses.", type=_count),
    _option("--ws-max-queue-bytes", "Bytes that wait for the application before reading pauses.", type=_count),
    _option("--ws-ping-interval", "The seconds between pings; 0 or none for no pings.", type=_OrNone(_seconds)),
    _option("--ws-ping-timeout", "The seconds that a pong may take, or none.", type=_OrNone(_seconds)),
    _option("--ws-per-message-deflate", "Compress messages with permessage-deflate.", type=bool),
    _option("--ws-deflate-level", "How hard to compress: 0 to 9.", type=click.IntRange(0, 9)),
    _option("--ws-deflate-window-bits", "The window is 2 to the power of this.", type=click.IntRange(9, 15)),
    _option("--ws-deflate-memory-level", "zlib's memory level.", type=click.IntRange(1, 9)),
    _option("--ws-deflate-threshold", "Send shorter messages uncompressed.", type=click.IntRange(min=0)),
    _option("--ws-allowed-origins", "The origins whose pages may connect, separated by commas.", type=str),
    _option("--ws-open-timeout", "The seconds that the application may take to accept.", type=_OrNone(_seconds)),
    _option("--ws-close-timeout", "The seconds that the closing handshake may take.", type=_seconds),
    _option("--lifespan", "Whether the application is told of start and end.", type=click.Choice(["auto", "on", "off"])),
    _option(
        "--interface",
        "How the application is called.",
        type=click.Choice(["auto", "asgi3", "asgi2", "wsgi"]),
    ),
    _option("--env-file", "A file with environment variables for the application.", type=_file),
    _option("--log-config", "A file that configures logging: .ini, .json or .yaml.", type=_file, default=None),
    _option("--log-level", "The least important lines to write.", type=click.Choice(list(LEVELS))),
    _option("--log-format", "Lines as uvicorn writes them, or JSON on each line.", type=click.Choice(["text", "json"])),
    _option("--access-log-format", "What a line of the access log says; as for uvicorn unless given.", type=str),
    _option("--access-log/--no-access-log", "Log requests.", is_flag=True),
    _option("--use-colors/--no-use-colors", "Colour the log.", is_flag=True, default=None),
    _option("--proxy-headers/--no-proxy-headers", "Believe the header fields of trusted proxies.", is_flag=True),
    _option("--server-header/--no-server-header", "Send a Server header.", is_flag=True),
    _option("--date-header/--no-date-header", "Send a Date header.", is_flag=True),
    _option(
        "--forwarded-allow-ips",
        "The proxies that are trusted: addresses, networks, or * for all, separated by commas. $FORWARDED_ALLOW_IPS "
        "counts when this is not given, else 127.0.0.1,::1.",
        type=str,
    ),
    _option("--forwarded-header", "What they write.", type=click.Choice(["x-forwarded", "forwarded"])),
    _option("--proxy-protocol", "The proxies whose connections begin with a PROXY protocol header.", type=str),
    _option("--root-path", "The path below which a proxy serves the application.", type=str),
    _option("--limit-concurrency", "Connections and tasks beyond which 503 is answered.", type=_OrNone(_count)),
    _option("--limit-websockets", "WebSockets beyond which handshakes get 503.", type=_OrNone(_count)),
    _option("--limit-max-requests", "Requests after which the process ends.", type=_OrNone(_count)),
    _option("--limit-max-requests-jitter", "Add up to so many, by chance.", type=click.IntRange(min=0)),
    _option("--limit-connections-per-client", "Connections of one client.", type=_OrNone(_count)),
    _option("--limit-handshake-rate", "WebSocket handshakes a second.", type=_OrNone(_count)),
    _option("--limit-client-handshake-rate", "WebSocket handshakes a second of one client.", type=_OrNone(_count)),
    _option("--limit-body", "The longest body of a request, in bytes.", type=_OrNone(click.IntRange(min=0))),
    _option("--limit-header-size", "The longest head of a request, in bytes.", type=click.IntRange(min=1024)),
    _option("--limit-headers", "The header fields that a request may have.", type=_count),
    _option("--metrics-path", "Serve metrics for Prometheus on this path, such as /metrics.", type=str),
    _option("--metrics-port", "Serve metrics on a port of their own.", type=int),
    _option("--metrics-host", "The address of the metrics' port.", type=str),
    _option("--backlog", "Connections that may wait to be accepted.", type=_count),
    _option("--timeout-head", "The seconds that the head of a request may take, or none.", type=_OrNone(_seconds)),
    _option("--timeout-body", "The seconds that a body may make no progress, or none.", type=_OrNone(_seconds)),
    _option("--timeout-keep-alive", "The seconds that a connection waits for a request.", type=_seconds),
    _option("--timeout-graceful-shutdown", "The seconds that a stop may take, or none.", type=_OrNone(_seconds)),
    _option("--timeout-worker-healthcheck", "The seconds that a worker may take to answer.", type=_seconds),
    _option("--ssl-keyfile", "The private key, in PEM.", type=str),
    _option("--ssl-certfile", "The certificate and those that lead to its root, in PEM.", type=str),
    _option("--ssl-keyfile-password", "The password of the private key.", type=str),
    _option("--ssl-version", "The protocol, as a number of the ssl module.", type=int, default=int(ssl.PROTOCOL_TLS_SERVER)),
    _option("--ssl-cert-reqs", "Whether clients show a certificate: 0, 1 or 2.", type=int, default=int(ssl.CERT_NONE)),
    _option("--ssl-ca-certs", "The roots for the certificates of clients.", type=str),
    _option("--ssl-ciphers", "Cipher suites, in OpenSSL's words.", type=str),
    _option("--ssl-reload/--no-ssl-reload", "Read the certificate again when its file changes.", is_flag=True),
    _option("--header", "Send this header with each response: Name:Value.", "headers", multiple=True),
    _option("--cancel-on-disconnect", "Cancel an application whose client goes while it works.", is_flag=True),
    _option("--compat", "Keep uvicorn's close code 1005 for lost connections.", type=click.Choice(["none", "uvicorn"])),
    click.option("--version", is_flag=True, callback=_show_version, expose_value=False, is_eager=True, help="Show it."),
    _option("--app-dir", "Look for APP in this directory, the current one unless given.", type=str, default=""),
    _option("--h11-max-incomplete-event-size", "Taken for uvicorn's sake: see --limit-header-size.", type=int),
    _option("--reset-contextvars", "Run each request in a fresh context.", is_flag=True),
    _option("--factory", "APP is a function that makes the application.", is_flag=True),
]


@click.command()
@click.argument("app", envvar=["ALICORN_APP", "UVICORN_APP"])
def main(app: str, **options: Any) -> None:
    """Serves the ASGI application APP, given as `module:attribute`."""
    options["headers"] = [_header(text) for text in options["headers"]]
    for name in ("reload_dirs", "reload_includes", "reload_excludes", "bind"):
        options[name] = list(options[name]) or None
    if options["log_config"] is None:
        options["log_config"] = CONFIGURATION
    try:
        run(app, **options)
    except InvalidOptions as error:
        raise click.UsageError(str(error)) from None


for _decorate in _OPTIONS:
    main = _decorate(main)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise click.BadParameter(f"'{text}' is not Name:Value.", param_hint="--header")
    return name, value
