# SPDX-License-Identifier: Apache-2.0
"""Tells what it is told of TLS."""

import json


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(scope["extensions"]["tls"]).encode()})
