# SPDX-License-Identifier: Apache-2.0
"""An endpoint of FastAPI's that answers with JSON."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def home() -> dict[str, str]:
    return {"message": "Hello, World!"}
