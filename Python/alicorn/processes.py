# SPDX-License-Identifier: Apache-2.0
"""Processes that serve, forked before anything of the application is there."""

import atexit
import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
from typing import NoReturn

from alicorn import systemd
from alicorn.config import STARTUP_FAILURE, Config
from alicorn.metrics import WorkerPlace
from alicorn.server import Server

logger = logging.getLogger("uvicorn.error")

OWN_SIGNALS = tuple(
    getattr(signal, f"SIG{name}") for name in ("INT", "TERM", "HUP", "QUIT", "TTIN", "TTOU", "USR1", "USR2", "WINCH", "CHLD")
)
"""Those that a parent hears, and a child does not inherit."""


class ServingProcess:
    """A process that serves from sockets that its parent has bound.

    The two talk over a pair of sockets: a byte asks whether the child lives, another tells whether it serves. A child whose
    parent has gone ends.
    """

    def __init__(self, config: Config, sockets: list[socket.socket], worker: WorkerPlace | None = None) -> None:
        self.began = time.monotonic()
        self.exit_status: int | None = None
        self._ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal that comes before the child has its own handlers would go to a copy of the parent's, and be lost.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, OWN_SIGNALS)
        self.pid = os.fork()
        if self.pid == 0:
            self._ours.close()
            _serve(config, sockets, worker, theirs)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    # How it is

    def has_ended(self) -> bool:
        """Whether it has; `exit_status` is known then, below zero for a signal."""
        if self.exit_status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                pid, status = self.pid, 0
            if pid:
                self._note(status)
        return self.exit_status is not None

    def answers(self, within: float) -> bool:
        """Whether it lives."""
        return self._ask(within) is not None

    def serves(self, within: float) -> bool:
        """Whether it accepts connections."""
        return self._ask(within) == b"\1"

    def _ask(self, within: float) -> bytes | None:
        try:
            self._ours.settimeout(within)
            self._ours.sendall(b"?")
            return self._ours.recv(1) or None
        except OSError:
            return None

    # Its end

    def terminate(self) -> None:
        """Has it end in order."""
        if not self.has_ended():
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Ends it at once."""
        if not self.has_ended():
            os.kill(self.pid, signal.SIGKILL)

    def join(self, within: float | None) -> None:
        """Waits for its end, and kills it when that takes too long."""
        deadline = None if within is None else time.monotonic() + within
        while not self.has_ended():
            if deadline is not None and time.monotonic() > deadline:
                self.kill()
                deadline = None
            time.sleep(0.01)
        self._ours.close()

    def _note(self, status: int) -> None:
        self.exit_status = os.waitstatus_to_exitcode(status)


def _serve(config: Config, sockets: list[socket.socket], worker: WorkerPlace | None, parent: socket.socket) -> NoReturn:
    """All that a child does."""
    signal.set_wakeup_fd(-1)
    for number in OWN_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, OWN_SIGNALS)
    systemd.leave_to_parent()
    status = 0
    try:
        server = Server(config, worker)
        threading.Thread(target=_answer, args=(parent, server), daemon=True).start()
        server.run(sockets)
        status = 0 if server.started else STARTUP_FAILURE
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except KeyboardInterrupt:
        pass
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _answer(parent: socket.socket, server: Server) -> None:
    """Answers the parent for as long as there is one: in a thread, as an application may block the loop."""
    try:
        while parent.recv(1):
            parent.sendall(b"\1" if server.started else b"\0")
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
