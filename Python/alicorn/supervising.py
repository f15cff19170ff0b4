# SPDX-License-Identifier: Apache-2.0
"""Workers: processes that serve the same addresses, under one that starts them again (U-MP, P-09)."""

import contextlib
import itertools
import logging
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from alicorn import systemd
from alicorn.config import STARTUP_FAILURE, Config, starting
from alicorn.logging import log_process
from alicorn.metrics import WorkerPlace
from alicorn.processes import OWN_SIGNALS, ServingProcess

logger = logging.getLogger("uvicorn.error")

_ROUND = 0.5
"""The seconds between two looks at the workers."""
_LONGEST_DELAY = 30.0
"""The seconds that the start of a worker is put off at most, when one after the other dies young."""


class Supervisor:
    """Keeps as many workers as are wanted.

    Each accepts from a socket of its own, so that the kernel shares connections out evenly; one that takes another's place
    takes its socket, and nobody who waits there is lost.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._listening = config.bind_for_processes()
        with starting():
            self._metrics_sockets = config.bind_metrics()
        self._folder: Path | None = None
        self._sockets = [self._listening.sockets]
        self._workers: list[ServingProcess] = []
        self._wanted = config.workers
        self._signals: list[int] = []
        self._is_ready = False
        self._is_ending = False
        self._status = 0
        self._delay = 0.0
        self._not_before = 0.0

    def run(self) -> int:
        """Runs until a signal ends it, or a worker cannot start; returns the exit status (P-22)."""
        log_process(logger, "Started parent process [%d]", bold=True)
        with self._listening_for_signals() as wake_up, self._folder_of_workers():
            for index in range(self._wanted):
                self._workers.append(self._start(index))
            while not self._is_ending:
                select.select([wake_up], [], [], _ROUND)
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_up, 4096)
                self._handle_signals()
                self._replace_the_dead()
                self._look_whether_ready()
            systemd.tell_stopping()
            self._end()
        log_process(logger, "Stopping parent process [%d]", bold=True)
        return self._status

    @contextlib.contextmanager
    def _folder_of_workers(self) -> Iterator[None]:
        """Where they find each other: whoever is asked for metrics asks the others."""
        if self._config.metrics_path is None:
            yield
            return
        # Not one that removes itself, which it would do at the end of each worker.
        self._folder = Path(tempfile.mkdtemp(prefix="alicorn-"))
        try:
            yield
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    # Signals

    @contextlib.contextmanager
    def _listening_for_signals(self) -> Iterator[int]:
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in OWN_SIGNALS:
            signal.signal(number, lambda number, _: self._signals.append(number))
        try:
            yield reading
        finally:
            signal.set_wakeup_fd(-1)
            os.close(reading)
            os.close(writing)

    def _handle_signals(self) -> None:
        while self._signals and not self._is_ending:
            number = self._signals.pop(0)
            if number in (signal.SIGINT, signal.SIGTERM):
                logger.info("Received %s, exiting.", signal.Signals(number).name)
                self._is_ending = True
            elif number == signal.SIGHUP:
                logger.info("Received SIGHUP, restarting processes.")
                self._restart_all()
            elif number == signal.SIGTTIN:
                logger.info("Received SIGTTIN, increasing the number of processes.")
                self._wanted += 1
                self._workers.append(self._start(len(self._workers)))
            elif number == signal.SIGTTOU:
                self._decrease()
            elif number != signal.SIGCHLD:
                logger.debug("Received signal %s, but no handler is defined for it.", signal.Signals(number).name)

    def _decrease(self) -> None:
        logger.info("Received SIGTTOU, decreasing number of processes.")
        if self._wanted <= 1:
            logger.info("Already reached one process, cannot decrease the number of processes anymore.")
            return
        self._wanted -= 1
        worker = self._workers.pop()
        if len(self._sockets) > len(self._workers):
            # The kernel gives it no more connections; the worker has those that wait.
            for sock in self._sockets.pop():
                sock.close()
        self._retire(worker)

    # Workers

    def _start(self, index: int) -> ServingProcess:
        worker = None if self._folder is None else WorkerPlace(index, self._folder, self._metrics_sockets)
        return ServingProcess(self._config, self._sockets_of(index), worker)

    def _sockets_of(self, index: int) -> list[socket.socket]:
        """The sockets of the worker with that number, one for each address."""
        while len(self._sockets) <= index:
            more = [address.another(sock) for address, sock in self._listening.bound]
            for sock in more:
                sock.listen(self._config.backlog)
            self._sockets.append(more)
        return self._sockets[index]

    def _look_whether_ready(self) -> None:
        """Tells systemd once, when all serve."""
        if self._is_ready or not all(worker.serves(self._config.timeout_worker_healthcheck) for worker in self._workers):
            return
        self._is_ready = True
        systemd.tell_ready(f"Running with {len(self._workers)} workers")

    def _replace_the_dead(self) -> None:
        for index, worker in enumerate(self._workers):
            if self._is_ending:
                return
            if not worker.has_ended():
                if worker.answers(self._config.timeout_worker_healthcheck):
                    continue
                worker.kill()
                worker.join(None)
            if worker.exit_status == STARTUP_FAILURE:
                logger.error("Child process [%d] failed to start, stopping the parent process.", worker.pid)
                self._status = STARTUP_FAILURE
                self._is_ending = True
                return
            if time.monotonic() < self._not_before:
                continue
            logger.info("Child process [%d] died", worker.pid)
            self._put_off(worker)
            worker.join(None)
            self._workers[index] = self._start(index)

    def _put_off(self, worker: ServingProcess) -> None:
        """Has the next start wait when workers die one after the other as soon as they run."""
        lived = time.monotonic() - worker.began
        self._delay = 0.0 if lived > 10 else min(_LONGEST_DELAY, max(0.5, self._delay * 2))
        self._not_before = time.monotonic() + self._delay

    def _restart_all(self) -> None:
        """Puts a new worker in the place of each, one by one: the old one goes when the new one serves (U-MP-05)."""
        for index, old in enumerate(self._workers):
            new = self._start(index)
            if not self._wait_until_serving(new):
                new.kill()
                new.join(None)
                if not self._is_ending:
                    logger.error(
                        "New child process [%d] was not ready in time; keeping worker [%d] and aborting the restart.",
                        new.pid,
                        old.pid,
                    )
                return
            self._workers[index] = new
            self._retire(old)

    def _wait_until_serving(self, worker: ServingProcess) -> bool:
        deadline = time.monotonic() + self._config.timeout_worker_healthcheck
        while time.monotonic() < deadline and not worker.has_ended():
            if signal.SIGTERM in self._signals or signal.SIGINT in self._signals:
                self._handle_signals()
                return False
            if worker.serves(within=1):
                return True
            time.sleep(0.05)
        return False

    def _retire(self, worker: ServingProcess) -> None:
        worker.terminate()
        logger.info("Terminated child process [%d]", worker.pid)
        logger.info("Waiting for child process [%d]", worker.pid)
        worker.join(self._grace)

    @property
    def _grace(self) -> float | None:
        """The seconds that a worker may take to end; some more than it allows itself."""
        grace = self._config.timeout_graceful_shutdown
        return None if grace is None else grace + 5

    def _end(self) -> None:
        for worker in self._workers:
            worker.terminate()
            logger.info("Terminated child process [%d]", worker.pid)
        for worker in self._workers:
            logger.info("Waiting for child process [%d]", worker.pid)
            worker.join(self._grace)
        for sock in [*itertools.chain.from_iterable(self._sockets), *self._metrics_sockets]:
            sock.close()
        self._listening.close()
