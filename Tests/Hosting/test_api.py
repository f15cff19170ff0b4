# SPDX-License-Identifier: Apache-2.0
"""`alicorn.run`, `alicorn.Config` and `alicorn.Server`, as uvicorn's (U-API)."""

import asyncio
import gc
import inspect
import signal
import socket
import ssl
import subprocess
import sys
import threading
import weakref

import alicorn
import httpx
import pytest
import uvicorn
from conftest import START, environment


async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


async def ask(sock: socket.socket) -> str:
    host, port = sock.getsockname()
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://{host}:{port}")).text


def test_the_keywords_are_uvicorns():
    theirs = inspect.signature(uvicorn.Config).parameters
    ours = inspect.signature(alicorn.Config).parameters
    assert [name for name in theirs if name not in ours] == []
    # One may be given by its place.
    assert list(ours)[: len(theirs)] == list(theirs)
    different = {name for name in theirs if theirs[name].default != ours[name].default} - {"log_config"}
    # P-38.
    assert different == {"timeout_graceful_shutdown"}


def test_a_server_within_a_loop_that_runs():
    async def main() -> str:
        sock = listening()
        server = alicorn.Server(alicorn.Config(app, lifespan="off", log_config=None))
        task = asyncio.create_task(server.serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        text = await ask(sock)
        server.should_exit = True
        await asyncio.wait_for(task, START)
        return text

    before = signal.getsignal(signal.SIGTERM)
    assert asyncio.run(main()) == "here"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_server_in_another_thread():
    sock = listening()
    server = alicorn.Server(alicorn.Config(app, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, args=([sock],))
    address = sock.getsockname()
    thread.start()
    try:
        assert httpx.get(f"http://{address[0]}:{address[1]}", timeout=START).text == "here"
    finally:
        server.should_exit = True
        thread.join(START)
    assert not thread.is_alive()


def test_two_servers_in_one_loop():
    async def main() -> list[str]:
        sockets = [listening(), listening()]
        servers = [alicorn.Server(alicorn.Config(app, lifespan="off", log_config=None)) for _ in sockets]
        tasks = [asyncio.create_task(server.serve([sock])) for server, sock in zip(servers, sockets)]
        while not all(server.started for server in servers):
            await asyncio.sleep(0.01)
        texts = [await ask(sock) for sock in sockets]
        for server in servers:
            server.should_exit = True
        await asyncio.wait_for(asyncio.gather(*tasks), START)
        return texts

    assert asyncio.run(main()) == ["here", "here"]


def test_a_server_that_has_ended_keeps_nothing():
    class Application:
        async def __call__(self, scope, receive, send):
            await app(scope, receive, send)

    async def main() -> None:
        sock = listening()
        server = alicorn.Server(alicorn.Config(served, lifespan="off", log_config=None, interface="asgi3"))
        task = asyncio.create_task(server.serve([sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        assert await ask(sock) == "here"
        server.should_exit = True
        await asyncio.wait_for(task, START)

    served = Application()
    kept = weakref.ref(served)
    asyncio.run(main())
    del served
    gc.collect()
    assert kept() is None


def test_running_an_object(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import alicorn, life\nalicorn.run(life.unaware, port=0, log_level='warning')\n")
    process = subprocess.Popen([sys.executable, program], env=environment())
    process.send_signal(0)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(START) == 0


def test_what_config_refuses():
    with pytest.raises(ValueError, match="no implementation of WebSocket named 'telnet'"):
        alicorn.Config(app, ws="telnet").load()
    with pytest.raises(TypeError, match="must return an `ssl.SSLContext`"):
        alicorn.Config(app, ssl_context_factory=lambda config, default: None).load()
    with pytest.raises(RuntimeError, match="TLS needs a certificate"):
        alicorn.Config(app, ssl_context_factory=lambda config, default: default()).load()
    config = alicorn.Config(app, ssl_context_factory=lambda config, default: ssl.create_default_context())
    config.load()
    assert config.is_ssl and isinstance(config.ssl, ssl.SSLContext)


def test_a_callback_that_is_notified():
    called = []

    async def notify() -> None:
        called.append(1)

    async def main() -> None:
        config = alicorn.Config(app, lifespan="off", log_config=None, callback_notify=notify, timeout_notify=0)
        server = alicorn.Server(config)
        task = asyncio.create_task(server.serve([listening()]))
        while len(called) < 2:
            await asyncio.sleep(0.01)
        server.should_exit = True
        await asyncio.wait_for(task, START)

    asyncio.run(main())
