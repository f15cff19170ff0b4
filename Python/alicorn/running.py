# SPDX-License-Identifier: Apache-2.0
"""Runs an application: in this process, or in several."""

import logging
import sys
from typing import Any

from alicorn.config import STARTUP_FAILURE, Config
from alicorn.reloading import Reloader
from alicorn.server import Server
from alicorn.supervising import Supervisor

logger = logging.getLogger("uvicorn.error")


def run(app: Any, *, app_dir: str | None = None, **keywords: Any) -> None:
    """Serves an application until the process is told to end.

    Takes the keywords of `Config`; `app_dir` is put in front of the module search path. Ends the process with status 3
    when the application cannot be started (U-API-01).
    """
    if app_dir is not None:
        sys.path.insert(0, app_dir)
    config = Config(app, **keywords)
    if config.use_subprocess:
        if not isinstance(app, str):
            logger.warning("You must pass the application as an import string to enable 'reload' or 'workers'.")
            sys.exit(STARTUP_FAILURE)
    else:
        config.load_app()
    if config.should_reload:
        Reloader(config).run()
        return
    if config.workers > 1:
        sys.exit(Supervisor(config).run())
    server = Server(config)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    if not server.started:
        sys.exit(STARTUP_FAILURE)
