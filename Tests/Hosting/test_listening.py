# SPDX-License-Identifier: Apache-2.0
"""Where is listened: several addresses, Unix sockets, what systemd has bound, and what it is told (P-33)."""

import json
import shlex
import signal
import socket
import subprocess

import httpx
import pytest
from conftest import START, command, environment
from test_command import run
from test_processes import until


def get_over(path) -> int:
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
        return client.get("http://localhost/").status_code


class Notified:
    """What a service manager is told."""

    def __init__(self, path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(START)
        self._socket.bind(str(path))
        self.environment = {"NOTIFY_SOCKET": str(path)}

    def next(self) -> str:
        return self._socket.recv(4096).decode()

    def has_more(self) -> bool:
        self._socket.setblocking(False)
        try:
            return bool(self._socket.recv(4096))
        except BlockingIOError:
            return False


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_several_addresses(tmp_path, serve, options):
    path = tmp_path / "socket"
    served = serve(
        "alicorn", "life:unaware", "--bind", "127.0.0.1:0", "--bind", f"unix:{path}", "--bind", "[::1]:0", *options,
        "--uds-permissions", "0o600",
    )
    served.wait_for_line(f"Uvicorn running on unix socket {path} (Press")
    other = served.wait_for_line("Uvicorn running on http://[::1]:").split("]:")[1].split()[0]
    assert path.stat().st_mode & 0o777 == 0o600
    for _ in range(4):
        assert httpx.get(served.url).status_code == 204
        assert httpx.get(f"http://[::1]:{other}").status_code == 204
        assert get_over(path) == 204
    assert served.stop() in (0, -signal.SIGTERM)
    assert not path.exists()


def test_an_address_that_is_taken_ends_all(tmp_path):
    path = tmp_path / "socket"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for options in ((), ("--workers", "2")):
            status, said = run(
                "alicorn", "life:unaware", "--bind", f"unix:{path}", "--bind", f"127.0.0.1:{taken.getsockname()[1]}", *options
            )
            assert status == 3
            assert "ddress already in use" in said
            assert not path.exists()


def test_what_cannot_be_listened_on_leaves_nothing_behind(tmp_path):
    """A datagram socket, found to be none that accepts when the other address is bound already."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        ended = subprocess.run(
            command("alicorn", "life:unaware", "--bind", f"unix:{path}", "--bind", f"fd:{datagrams.fileno()}"),
            pass_fds=[datagrams.fileno()], env=environment(), capture_output=True, text=True, timeout=START,
        )
    assert ended.returncode == 3
    assert "Operation not supported" in ended.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("--bind", "8000"), "'8000' is no address: give HOST:PORT, [IPV6]:PORT, unix:PATH or fd:N."),
        (("--bind", "::1:80"), "'::1:80' is no address"),
        (("--bind", "a:70000"), "'a:70000' is no address"),
        (("--bind", "fd:x"), "'fd:x' is no address"),
        (("--uds-permissions", "9"), "'9' are no permissions: give octal digits, such as 0o660."),
        (("--threads", "4"), "an application in Python runs in one thread of its process: give --workers instead."),
        (("--engine", "nio"), "'nio' is not one of 'auto', 'native'"),
        (("--bind", "127.0.0.1:0", "--uds", "/tmp/x"), "'bind' says where to listen"),
        (("--http2", "--workers", "2"), "HTTP/2 is not served: leave 'http2' out."),
        (("--metrics-path", "metrics", "--workers", "2"), "The path of the metrics must begin with a slash"),
    ],
)
def test_what_nothing_can_be_made_of(arguments, said):
    status, lines = run("alicorn", "life:unaware", *arguments)
    assert status == 2, lines
    assert said in lines
    assert "Traceback" not in lines


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_what_systemd_has_bound(tmp_path, options):
    """Whatever the options say; and it is told when the service serves, and when it ends."""
    notified = Notified(tmp_path / "notify")
    with socket.create_server(("127.0.0.1", 0)) as first, socket.socket(socket.AF_UNIX) as second:
        second.bind(str(tmp_path / "socket"))
        words = shlex.join(command("alicorn", "life:unaware", "--port", "1", *options))
        process = subprocess.Popen(
            ["bash", "-c", f"LISTEN_PID=$$ LISTEN_FDS=2 exec {words} 3<&{first.fileno()} 4<&{second.fileno()}"],
            pass_fds=[first.fileno(), second.fileno()], env=environment() | notified.environment, stderr=subprocess.PIPE, text=True,
        )
        try:
            ready = notified.next()
            assert httpx.get(f"http://127.0.0.1:{first.getsockname()[1]}", timeout=START).status_code == 204
            assert get_over(tmp_path / "socket") == 204
        finally:
            process.terminate()
            _, said = process.communicate(timeout=START)
    assert ready.startswith("READY=1\nSTATUS=Running with 2 workers" if options else "READY=1\nSTATUS=Running on socket (")
    assert notified.next() == "STOPPING=1"
    assert not notified.has_more()
    assert "Uvicorn running on socket ('127.0.0.1'," in said
    assert (tmp_path / "socket").exists()


def test_sockets_for_another_process_are_not_ours(serve):
    served = serve("alicorn", "life:unaware", env={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    assert httpx.get(served.url).status_code == 204


def test_a_service_that_cannot_start_is_not_ready(tmp_path):
    notified = Notified(tmp_path / "notify")
    assert run("alicorn", "life:fails", "--port", "0", **notified.environment)[0] == 3
    assert not notified.has_more()


# A file with options


@pytest.mark.parametrize("kind", ["json", "yaml"])
def test_a_file_with_options(tmp_path, serve, kind):
    file = tmp_path / f"settings.{kind}"
    settings = {
        "app": "life:unaware", "bind": ["127.0.0.1:0"], "header": "X-One:1", "ws-allowed-origins": ["https://a.example", "null"],
        "server_header": False, "limit-max-requests": 1000,
    }
    if kind == "json":
        file.write_text(json.dumps(settings))
    else:
        yaml = pytest.importorskip("yaml")
        file.write_text(yaml.safe_dump(settings))
    served = serve("alicorn", "--config", str(file), "--limit-max-requests", "2")
    fields = httpx.get(served.url).headers
    assert fields["x-one"] == "1"
    assert "server" not in fields
    key = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert httpx.get(served.url, headers=key | {"Origin": "https://b.example"}).status_code == 403
    assert served.process.poll() is None
    assert httpx.get(served.url).status_code == 204
    until("the limit of the command line counts", lambda: served.process.poll() is not None)


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("a.json", '{"workesr": 2}', "has the key 'workesr', but there is no such option."),
        ("a.json", "[]", "holds no options by their names."),
        ("a.json", "{", "cannot be read: "),
        ("a.yaml", "a: [", "cannot be read: it is no YAML"),
        ("a.toml", "", "its name must end in .json, .yaml or .yml"),
        ("a.json", " " * (1 << 20) + "{}", "it is longer than 1048576 bytes"),
        ("a.json", '{"port": "eighty"}', "'eighty' is not a valid integer"),
    ],
)
def test_a_wrong_file_with_options(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    status, lines = run("alicorn", "life:unaware", "--config", str(tmp_path / name))
    assert status == 2
    assert said in lines
    assert "Traceback" not in lines
