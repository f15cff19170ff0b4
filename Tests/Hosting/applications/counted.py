# SPDX-License-Identifier: Apache-2.0
"""The bare application in a Python that counts references, and tells how many there are."""

import gc
import sys

import raw


async def app(scope, receive, send):
    if scope["type"] == "http" and scope["path"] == "/count":
        gc.collect()
        await raw.answer(send, sys.gettotalrefcount())
    else:
        await raw.app(scope, receive, send)
