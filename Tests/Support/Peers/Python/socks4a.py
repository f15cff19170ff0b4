# SPDX-License-Identifier: Apache-2.0
"""Twisted as the SOCKS 4A proxy that our client goes through.

    socks4a.py

Listens on a free port of 127.0.0.1, prints that port as one line, and serves until its standard input ends.
"""

import sys

from twisted.internet import reactor
from twisted.protocols.socks import SOCKSv4Factory

port = reactor.listenTCP(0, SOCKSv4Factory(None), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.callInThread(lambda: (sys.stdin.read(), reactor.callFromThread(reactor.stop)))
reactor.run()
