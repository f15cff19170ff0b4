# SPDX-License-Identifier: Apache-2.0
"""The command line: what it says and with what status it ends, beside uvicorn (P-03, P-04)."""

import re
import signal
import socket
import subprocess
import sys
import time
import venv

import httpx
import pytest
from conftest import START, command, environment, start


def run(name: str, *arguments: str, **env: str) -> tuple[int, str]:
    """What a server that does not start says, and its exit status."""
    ended = subprocess.run(
        command(name, *arguments), capture_output=True, text=True, env=environment() | env, timeout=START
    )
    return ended.returncode, ended.stdout + ended.stderr


def normal(lines: str) -> list[str]:
    """Lines without what differs each time."""
    return [re.sub(r"\[\d+\]", "[PID]", re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", line)) for line in lines.splitlines()]


@pytest.mark.parametrize(
    "arguments",
    [
        ("life:missing",),
        ("missing:app",),
        ("life",),
        ("--factory", "life:needs_argument"),
        ("life:fails", "--port", "0"),
        ("life:raises", "--lifespan", "on", "--port", "0"),
        ("life:wrong_order", "--lifespan", "on", "--port", "0"),
    ],
)
def test_what_cannot_start_ends_with_3(arguments):
    uvicorn, alicorn = run("uvicorn", *arguments), run("alicorn", *arguments)
    assert alicorn[0] == uvicorn[0] == 3
    lines = [[line for line in normal(said) if not line.startswith(" ")] for _, said in (uvicorn, alicorn)]
    assert lines[1] == lines[0]


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        arguments = ("life:unaware", "--port", str(taken.getsockname()[1]))
        uvicorn, alicorn = run("uvicorn", *arguments), run("alicorn", *arguments)
    assert alicorn[0] == uvicorn[0] == 3
    assert normal(alicorn[1]) == normal(uvicorn[1])


def test_a_module_that_raises_shows_its_traceback():
    status, said = run("alicorn", "broken:app")
    assert status == 1 == run("uvicorn", "broken:app")[0]
    assert "RuntimeError: at import" in said


@pytest.mark.parametrize(
    "arguments",
    [(), ("life:unaware", "--unknown"), ("life:unaware", "--port", "x"), ("life:unaware", "--lifespan", "maybe"),
     ("life:unaware", "--env-file", "/missing"), ("life:unaware", "--log-config", "/missing.json"),
     ("life:unaware", "--ws", "telnet"), ("life:unaware", "--header", "no-colon")],
)
def test_wrong_usage_ends_with_2(arguments):
    status, said = run("alicorn", *arguments)
    assert status == 2
    assert said.startswith("Usage: ") and "Error: " in said


def test_help_names_all_options_of_uvicorn():
    uvicorn, alicorn = (
        set(re.findall(r"(?:^ +|/ )(--[a-z0-9-]+)", run(name, "--help")[1], re.MULTILINE))
        for name in ("uvicorn", "alicorn")
    )
    assert "--no-proxy-headers" in uvicorn
    assert uvicorn - alicorn == set()


def test_the_executable_takes_all_options_that_it_hands_over(executable):
    def options(*words: str) -> set[str]:
        said = subprocess.run([*words, "--help"], env=environment(), capture_output=True, text=True, timeout=START).stdout
        return set(re.findall(r"(?:^ +|/ ?)(--[a-z0-9-]+)", said, re.MULTILINE))

    theirs = options(executable, "serve")
    ours = options(*command("alicorn"))
    assert "--ssl-keyfile" in theirs & ours
    assert theirs ^ ours <= {"--help"}


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_the_lines_of_a_life(number, status):
    said = []
    for name in ("uvicorn", "alicorn"):
        served = start(name, "raw:app", "--no-access-log")
        assert served.stop(number) == status
        said.append(normal("".join(served.lines)))
    assert said[1] == said[0]


def test_a_stop_that_fails():
    for name in ("uvicorn", "alicorn"):
        served = start(name, "life:fails_to_stop")
        assert served.stop() == -signal.SIGTERM
        assert [line.split(":", 1)[1].strip() for line in served.lines][-4:-1] == [
            "Waiting for application shutdown.", "cannot stop", "Application shutdown failed. Exiting."
        ]


def test_who_does_not_know_of_the_lifespan(serve):
    for name in ("unaware", "returns"):
        served = serve("alicorn", f"life:{name}")
        assert httpx.get(served.url).status_code == 204
    served = serve("alicorn", "life:raises")
    # P-28.
    assert "ValueError: a bug" in served.wait_for_line("WARNING")


@pytest.mark.parametrize("arguments", [("--factory", "life:factory"), ("life:factory",), ("life:Two",)])
def test_applications_of_other_kinds(serve, arguments):
    assert httpx.get(serve("alicorn", *arguments).url).status_code == 204


def test_wsgi(serve):
    served = serve("alicorn", "life:wsgi", "--interface", "wsgi")
    assert httpx.post(served.url + "/path", content=b"body").text == "/path body"


def test_variables_and_app_dir(tmp_path, serve):
    (tmp_path / "elsewhere.py").write_text("from life import unaware as app\n")
    served = serve("alicorn", "--app-dir", str(tmp_path), env={"ALICORN_APP": "elsewhere:app", "UVICORN_HEADER": "x-a:b"})
    assert httpx.get(served.url).headers["x-a"] == "b"


def test_env_file(tmp_path, serve):
    file = tmp_path / ".env"
    file.write_text("FORWARDED_ALLOW_IPS=*\n")
    served = serve("alicorn", "raw:app", "--env-file", str(file))
    served.wait_for_line("Loading environment from")
    values = httpx.get(served.url + "/scope", headers={"X-Forwarded-Proto": "https"}).json()["values"]
    assert values["scheme"] == "'https'"


def test_log_config(tmp_path, serve):
    file = tmp_path / "log.yaml"
    file.write_text(
        "version: 1\nformatters: {plain: {format: 'OWN %(name)s %(message)s'}}\n"
        "handlers: {err: {class: logging.StreamHandler, formatter: plain}}\n"
        "loggers: {uvicorn: {handlers: [err], level: INFO}, uvicorn.access: {level: INFO}}\n"
    )
    served = serve("alicorn", "raw:app", "--log-config", str(file))
    httpx.get(served.url + "/task")
    assert served.wait_for_line("OWN uvicorn.access").endswith('"GET /task HTTP/1.1" 200\n')


def test_log_levels(serve):
    served = serve("alicorn", "raw:app", "--log-level", "trace")
    httpx.get(served.url + "/task")
    served.wait_for_line("HTTP connection made")
    served.wait_for_line("Send {'type': 'http.response.body', 'body': '<")


def test_headers(serve):
    served = serve("alicorn", "life:unaware", "--header", "X-One: 1", "--header", "Server:own", "--no-date-header")
    fields = httpx.get(served.url).headers
    assert fields["x-one"] == "1"
    assert fields["server"] == "own"
    assert "date" not in fields


def test_a_limit_on_requests(serve):
    served = serve("alicorn", "life:unaware", "--limit-max-requests", "3")
    for _ in range(3):
        assert httpx.get(served.url).status_code == 204
    served.process.wait(START)
    assert served.stop() == 0
    served.wait_for_line("Maximum request limit of 3 exceeded. Terminating process.")


def test_a_unix_socket(tmp_path, serve):
    path = tmp_path / "socket"
    served = serve("alicorn", "raw:app", "--uds", str(path))
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
        assert client.get("http://localhost/scope").json()["client"] == "NoneType"
    served.stop()
    assert not path.exists()


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_what_stands_where_a_unix_socket_is_to_be(tmp_path, serve, options):
    """A socket that was left is replaced, with its permissions; any other file is somebody's."""
    stale = tmp_path / "stale"
    socket.socket(socket.AF_UNIX).bind(str(stale))
    stale.chmod(0o600)
    served = serve("alicorn", "raw:app", "--uds", str(stale), *options)
    assert stale.stat().st_mode & 0o777 == 0o600
    served.stop()
    file = tmp_path / "file"
    file.write_text("somebody's")
    status, said = run("alicorn", "raw:app", "--uds", str(file), *options)
    assert status == 3
    assert "Address already in use" in said
    assert file.read_text() == "somebody's"


def test_an_inherited_socket():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        process = subprocess.Popen(
            command("alicorn", "life:unaware", "--fd", str(sock.fileno())), pass_fds=[sock.fileno()],
            env=environment(), stderr=subprocess.PIPE, text=True,
        )
        try:
            assert httpx.get(f"http://127.0.0.1:{sock.getsockname()[1]}", timeout=START).status_code == 204
        finally:
            process.terminate()
            _, said = process.communicate(timeout=START)
    assert "Uvicorn running on socket ('127.0.0.1'," in said


def test_root_path(serve):
    served = serve("alicorn", "raw:app", "--root-path", "")
    assert httpx.get(served.url + "/scope").json()["values"]["root_path"] == "''"


def test_a_stop_waits_for_responses_and_no_longer_than_it_may(serve):
    served = serve("alicorn", "raw:app", "--timeout-graceful-shutdown", "1")
    with served.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        time.sleep(0.1)
        served.process.terminate()
        time.sleep(0.3)
        sock.sendall(b"b")
        received = b""
        while piece := sock.recv(4096):
            received += piece
        assert received.endswith(b"ab")
    assert served.stop() == -signal.SIGTERM
    late = serve("alicorn", "raw:app", "--timeout-graceful-shutdown", "1")
    with late.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        time.sleep(0.1)
        begun = time.monotonic()
        assert late.stop() == -signal.SIGTERM
        assert 0.9 < time.monotonic() - begun < 5
    late.wait_for_line("Cancel 1 running task(s), timeout graceful shutdown exceeded")


def test_an_application_that_does_not_clean_up_is_not_waited_for_for_ever(serve):
    served = serve("alicorn", "life:never_stops", "--timeout-graceful-shutdown", "0.5")
    assert served.stop() == -signal.SIGTERM
    served.wait_for_line("ERROR:    The application has not cleaned up within 0.5 s. Exiting.")
    patient = serve("alicorn", "life:never_stops", "--timeout-graceful-shutdown", "none")
    patient.process.send_signal(signal.SIGINT)
    patient.wait_for_line("Waiting for application shutdown.")
    assert patient.stop(signal.SIGINT) == 0
    assert not [line for line in patient.lines if "Exception" in line]


def test_the_executable_in_swift_hands_over(executable):
    env = environment() | {"VIRTUAL_ENV": sys.prefix}
    process = subprocess.Popen(
        [executable, "serve", "life:unaware", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        said = ""
        while "running on" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        assert f"Started server process [{process.pid}]" in said
        url = re.search(r"http://\S+", said).group()
        assert httpx.get(url).status_code == 204
    finally:
        process.terminate()
        assert process.wait(START) == -signal.SIGTERM


def test_the_executable_says_what_is_missing(executable, tmp_path):
    def said(environment_path: str) -> str:
        ended = subprocess.run(
            [executable, "life:unaware"], env=environment() | {"VIRTUAL_ENV": environment_path}, capture_output=True,
            text=True, timeout=START,
        )
        assert ended.returncode == 3
        return ended.stderr

    assert "cannot be started as /missing/bin/python" in said("/missing")
    venv.create(tmp_path)
    assert "The package alicorn is not installed for" in said(str(tmp_path))
