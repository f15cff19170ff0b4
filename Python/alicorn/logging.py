# SPDX-License-Identifier: Apache-2.0
"""How lines of the log look: as uvicorn's (U-LG-01 to U-LG-05)."""

import copy
import functools
import http
import json
import logging
import os
import sys
from datetime import datetime, timezone
from typing import Any, Literal

TRACE = 5

LEVELS = {
    "critical": logging.CRITICAL,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": TRACE,
}

CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "default": {
            "()": "alicorn.logging.DefaultFormatter",
            "fmt": "%(levelprefix)s %(message)s",
            "use_colors": None,
        },
        "access": {
            "()": "alicorn.logging.AccessFormatter",
            "fmt": '%(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s',
        },
    },
    "handlers": {
        "default": {"formatter": "default", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
        "access": {"formatter": "access", "class": "logging.StreamHandler", "stream": "ext://sys.stdout"},
    },
    "loggers": {
        "uvicorn": {"handlers": ["default"], "level": "INFO", "propagate": False},
        "uvicorn.error": {"level": "INFO"},
        "uvicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}

_CODES = {
    "red": 31,
    "green": 32,
    "yellow": 33,
    "blue": 34,
    "cyan": 36,
    "bright_red": 91,
    "bright_white": 97,
}

_LEVEL_COLORS = {
    TRACE: "blue",
    logging.DEBUG: "cyan",
    logging.INFO: "green",
    logging.WARNING: "yellow",
    logging.ERROR: "red",
    logging.CRITICAL: "bright_red",
}

_STATUS_COLORS = {1: "bright_white", 2: "green", 3: "yellow", 4: "red", 5: "bright_red"}


def styled(text: str, color: str | None = None, bold: bool = False) -> str:
    """The text with a terminal's codes around it."""
    begin = (f"\x1b[{_CODES[color]}m" if color else "") + ("\x1b[1m" if bold else "")
    return f"{begin}{text}\x1b[0m"


def log_process(logger: logging.Logger, message: str, bold: bool = False) -> None:
    """Logs a line in which `%d` stands for this process, and stands out."""
    shown = message.replace("%d", styled("%d", "cyan", bold))
    logger.info(message, os.getpid(), extra={"color_message": shown})


class DefaultFormatter(logging.Formatter):
    """Puts the level in front of a line, padded to nine columns: `%(levelprefix)s`.

    Where there are colours, a record's `color_message` takes the place of its message.
    """

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Literal["%", "{", "$"] = "%",
        use_colors: bool | None = None,
    ) -> None:
        self.use_colors = sys.stdout.isatty() if use_colors is None else use_colors
        super().__init__(fmt=fmt, datefmt=datefmt, style=style)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the name is logging's)
        record = copy.copy(record)
        level = record.levelname
        padding = " " * (8 - len(level))
        if self.use_colors:
            if (color := _LEVEL_COLORS.get(record.levelno)) is not None:
                level = styled(level, color)
            if (message := getattr(record, "color_message", None)) is not None:
                record.msg = message
                record.message = record.getMessage()
        record.levelprefix = f"{level}:{padding}"
        return super().formatMessage(record)


class AccessFormatter(DefaultFormatter):
    """Takes the five arguments of a request's line apart: address, method, path, version and status. Lines on WebSockets are
    whole already."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the name is logging's)
        if not isinstance(record.args, tuple) or len(record.args) != 5:
            return self._whole.formatMessage(record)
        record = copy.copy(record)
        address, method, path, version, status = record.args  # type: ignore[misc]
        request_line = f"{method} {path} HTTP/{version}"
        record.client_addr = address
        record.request_line = styled(request_line, bold=True) if self.use_colors else request_line
        record.status_code = self._status(int(status))  # type: ignore[arg-type]
        return super().formatMessage(record)

    @functools.cached_property
    def _whole(self) -> DefaultFormatter:
        return DefaultFormatter("%(levelprefix)s %(message)s", use_colors=self.use_colors)

    def _status(self, status: int) -> str:
        try:
            phrase = http.HTTPStatus(status).phrase
        except ValueError:
            phrase = ""
        text = f"{status} {phrase}"
        color = _STATUS_COLORS.get(status // 100) if self.use_colors else None
        return styled(text, color) if color else text


class JSONFormatter(logging.Formatter):
    """Writes an object of JSON on each line: time, level, logger and message, what is known of a request, and what was raised.

    What a record's `fields` hold, a dictionary, are fields of their own.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, timezone.utc)
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if isinstance(fields := getattr(record, "fields", None), dict):
            line |= fields
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, default=str)
