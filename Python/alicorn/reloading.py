# SPDX-License-Identifier: Apache-2.0
"""Starts the application again when its files change (U-RL)."""

import logging
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from alicorn import systemd
from alicorn.config import Config
from alicorn.logging import log_process, styled
from alicorn.processes import ServingProcess

logger = logging.getLogger("uvicorn.error")

_INCLUDED = ("*.py",)
_EXCLUDED = (".*", ".py[cod]", ".sw.*", "~*")


class Reloader:
    """One process that serves, and its successors. The socket stays open meanwhile: who connects waits."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._listening = config.bind_for_processes()
        self._is_ending = threading.Event()
        self._filter = FileFilter(config)

    def run(self) -> None:
        """Runs until a signal ends it."""
        directories = _outermost(self._filter.directories)
        logger.info("Will watch for changes in these directories: %s", [str(path) for path in directories])
        name, changes = self._watch(directories)
        pid = str(os.getpid())
        logger.info(
            "Started reloader process [%s] using %s",
            pid,
            name,
            extra={
                "color_message": f"Started reloader process [{styled('%s', 'cyan', True)}] using "
                f"{styled('%s', 'cyan', True)}"
            },
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._is_ending.set())
        process = ServingProcess(self._config, self._listening.sockets)
        systemd.tell_ready("Running, and watching files")
        for files in changes:
            if files:
                logger.warning("%s detected changes in %s. Reloading...", name, ", ".join(map(_shown, sorted(files))))
                self._end(process)
                process = ServingProcess(self._config, self._listening.sockets)
        systemd.tell_stopping()
        self._end(process)
        self._listening.close()
        log_process(logger, "Stopping reloader process [%d]", bold=True)

    def _end(self, process: ServingProcess) -> None:
        process.terminate()
        grace = self._config.timeout_graceful_shutdown
        process.join(None if grace is None else grace + 5)

    def _watch(self, directories: list[Path]) -> tuple[str, Iterator[set[Path]]]:
        try:
            import watchfiles
        except ImportError:
            if self._config.reload_includes or self._config.reload_excludes:
                logger.warning("Current configuration will not take the patterns of --reload-include and "
                               "--reload-exclude: install the package watchfiles.")
            return "StatReload", self._poll(directories)
        return "WatchFiles", (
            {Path(path) for _, path in changed if self._filter.wants(Path(path))}
            for changed in watchfiles.watch(
                *directories,
                watch_filter=None,
                stop_event=self._is_ending,
                rust_timeout=max(1, int(self._config.reload_delay * 1000)),
                yield_on_timeout=True,
                raise_interrupt=False,
            )
        )

    def _poll(self, directories: list[Path]) -> Iterator[set[Path]]:
        """Compares times of change: for who has not installed watchfiles."""
        last = self._times(directories)
        while not self._is_ending.wait(self._config.reload_delay):
            times = self._times(directories)
            yield {path for path, time in times.items() if path in last and last[path] != time}
            last = times

    @staticmethod
    def _times(directories: Iterable[Path]) -> dict[Path, int]:
        times = {}
        for directory in directories:
            for path in directory.rglob("*.py"):
                try:
                    times[path] = path.stat().st_mtime_ns
                except OSError:
                    continue
        return times


class FileFilter:
    """Which files count: patterns, and directories as well (U-C-12 to U-C-14)."""

    def __init__(self, config: Config) -> None:
        includes, excludes = config.reload_includes, config.reload_excludes
        self._excluded_directories = [Path(text).resolve() for text in excludes if Path(text).is_dir()]
        included_directories = [Path(text).resolve() for text in includes if Path(text).is_dir()]
        self.directories = config.reload_dirs + included_directories
        # Whoever names a default in the other list takes it out of this one.
        self._includes = [text for text in _INCLUDED if text not in excludes] + [
            text for text in includes if not Path(text).is_dir()
        ]
        self._excludes = [text for text in _EXCLUDED if text not in includes] + [
            text for text in excludes if not Path(text).is_dir()
        ]

    def wants(self, path: Path) -> bool:
        """Whether a change of that file starts the application again."""
        if any(directory in path.parents for directory in self._excluded_directories):
            return False
        return any(path.match(text) for text in self._includes) and not any(
            path.match(text) for text in self._excludes
        )


def _outermost(directories: list[Path]) -> list[Path]:
    """Without those that lie in another."""
    unique = sorted(set(directories))
    return [path for path in unique if not any(other in path.parents for other in unique)]


def _shown(path: Path) -> str:
    try:
        return f"'{path.relative_to(Path.cwd())}'"
    except ValueError:
        return f"'{path}'"
