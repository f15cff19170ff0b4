# SPDX-License-Identifier: Apache-2.0
"""Alicorn serves ASGI applications: HTTP and WebSocket on one port, with uvicorn's options, lines and exit statuses.

    alicorn main:app

or, from Python:

    import alicorn

    alicorn.run("main:app", port=8000)
"""

import sys

if sys.version_info < (3, 11):
    raise ImportError("Alicorn needs Python 3.11 or later; this is %d.%d." % sys.version_info[:2])

from alicorn._alicorn import ClientDisconnected, broadcast
from alicorn.command import main
from alicorn.config import Config
from alicorn.running import run
from alicorn.server import Server
from alicorn.version import __version__

__all__ = ["ClientDisconnected", "Config", "Server", "__version__", "broadcast", "main", "run"]
