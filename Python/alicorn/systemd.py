# SPDX-License-Identifier: Apache-2.0
"""What systemd does for a service: sockets that it has bound, and being told how far the service is (P-33)."""

import contextlib
import os
import socket

_FIRST = 3
_MOST = 1024


def descriptors() -> list[int]:
    """The sockets that were bound for this process (sd_listen_fds(3))."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    number = os.environ.get("LISTEN_FDS", "")
    count = int(number) if number.isdecimal() else 0
    return list(range(_FIRST, _FIRST + count)) if count <= _MOST else []


def tell_ready(status: str) -> None:
    """The service serves, and how it is doing in a sentence."""
    _tell(f"READY=1\nSTATUS={status}")


def tell_stopping() -> None:
    """The service ends."""
    _tell("STOPPING=1")


def leave_to_parent() -> None:
    """Has this process say nothing: the one that started it does."""
    os.environ.pop("NOTIFY_SOCKET", None)


def _tell(state: str) -> None:
    """Sends a datagram to whom the service manager has named (sd_notify(3)); that nobody takes it changes nothing."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    # One outside of the file system begins with a zero (unix(7)).
    name = "\0" + path[1:] if path.startswith("@") else path
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.sendto(state.encode(), name)
