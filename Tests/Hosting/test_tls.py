# SPDX-License-Identifier: Apache-2.0
"""TLS: asyncio carries the connections, and all else is as without."""

import pathlib
import ssl
import time

import httpx
import pytest
import trustme
from conftest import Served
from test_websocket import ended
from websockets.sync.client import connect


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority, tmp_path) -> pathlib.Path:
    write(authority, tmp_path)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path


def write(authority: trustme.CA, folder: pathlib.Path) -> None:
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))


def options(files: pathlib.Path) -> list[str]:
    return ["--ssl-certfile", str(files / "cert.pem"), "--ssl-keyfile", str(files / "key.pem")]


@pytest.fixture
def context(authority) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def secure(served: Served) -> str:
    return f"https://localhost:{served.port}"


def test_pages_and_sockets(serve, loop, files, context):
    served = serve("alicorn", "raw:app", "--loop", loop, *options(files))
    served.wait_for_line("Uvicorn running on https://127.0.0.1:")
    with httpx.Client(verify=context, base_url=secure(served)) as client:
        values = client.get("/scope").json()["values"]
        assert values["scheme"] == "'https'"
        body = bytes(1_000_000)
        assert client.post("/echo", content=body).content == body
        assert client.get("/pieces").text == "piece 0,piece 1,piece 2,"
        assert len(client.get("/large?100").content) == 100 * 65_536
    with connect(f"wss://localhost:{served.port}/echo", ssl=context) as connection:
        for message in ("text", bytes(1_000_000)):
            connection.send(message)
            assert connection.recv(timeout=5) == message
        served.process.terminate()
        assert ended(connection)[0] == 1012
    assert served.stop() == -15


def test_what_the_application_is_told(serve, loop, files, authority, context):
    served = serve(
        "alicorn", "secure:app", "--loop", loop, *options(files), "--ssl-ca-certs", str(files / "ca.pem"),
        "--ssl-cert-reqs", "2",
    )
    with pytest.raises((httpx.ReadError, httpx.ConnectError, httpx.RemoteProtocolError)):
        httpx.get(secure(served), verify=context)
    client = authority.issue_cert("client.example", organization_name="Org, Inc.", common_name="somebody")
    client.configure_cert(context)
    told = httpx.get(secure(served), verify=context).json()
    assert told["server_cert"] == (files / "cert.pem").read_text()
    assert told["client_cert_chain"][0] == client.cert_chain_pems[0].bytes().decode()
    assert "CN=somebody" in told["client_cert_name"] and r"O=Org\, Inc." in told["client_cert_name"]
    assert told["client_cert_error"] is None
    assert told["tls_version"] == 0x0304
    # TLS 1.3 has three suites that are in use.
    assert told["cipher_suite"] in (0x1301, 0x1302, 0x1303)


def test_all_that_passes_is_in_the_log_decrypted(serve, files, context):
    served = serve("alicorn", "raw:app", "--log-level", "debug", *options(files))
    with connect(f"wss://localhost:{served.port}/echo", ssl=context) as connection:
        connection.send("hello")
    served.wait_for_line("DEBUG:    < GET /echo HTTP/1.1 peer=127.0.0.1:")
    served.wait_for_line("DEBUG:    < TEXT 'hello' [5 bytes]")


def test_a_certificate_that_changes(serve, files, authority, context):
    served = serve("alicorn", "secure:app", *options(files))
    before = httpx.get(secure(served), verify=context).json()["server_cert"]
    write(authority, files)
    served.wait_for_line("The certificate was read again")
    assert peer(served, context) != ssl.PEM_cert_to_DER_cert(before)


def peer(served: Served, context: ssl.SSLContext) -> bytes:
    with served.connect() as sock, context.wrap_socket(sock, server_hostname="localhost") as secured:
        certificate = secured.getpeercert(binary_form=True)
        assert certificate is not None
        return certificate


def test_a_client_that_does_not_shake_hands(serve, files, context):
    served = serve("alicorn", "raw:app", *options(files))
    with served.connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            while sock.recv(4096):
                pass
        except ConnectionResetError:
            pass
    begun = time.monotonic()
    assert httpx.get(secure(served) + "/task", verify=context).status_code == 200
    assert time.monotonic() - begun < 5
