# SPDX-License-Identifier: Apache-2.0
"""Starts `alicorn hello` by the words that are given, and asks it for a page and an echo. Called by scripts/release.

    python3 scripts/lib/try_serving.py [WORDS before the program ...] PROGRAM
"""

import sys
import urllib.request

from chaos_peers import Peer
from local_server import LocalServer, free_port

PATIENCE = 20  # seconds

port = free_port()
with LocalServer([*sys.argv[1:], "hello", "--port", str(port)], port) as server:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as answer:
        if answer.read() != b"Hello, World!":
            sys.exit("The page is another than Hello, World!.")
    with Peer(port) as peer:
        peer.open("/")
        peer.echo(b"a" * 1000)
