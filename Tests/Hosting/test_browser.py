# SPDX-License-Identifier: Apache-2.0
"""A real browser, with a page of FastAPI's."""

import shutil
import subprocess

import pytest
from test_http import seen


@pytest.fixture
def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("There is no Chromium (Debian: apt-get install chromium).")


def test_a_page_talks(serve, loop, chromium, tmp_path):
    served = serve("alicorn", "page:app", "--loop", loop)
    browser = subprocess.Popen(
        [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={tmp_path}",
         "--remote-debugging-port=0", served.url + "/"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        assert seen(served, "told", patience=30) == {
            "page": {},
            "protocol": "echo",
            "extensions": "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
            "messages": ["Grüße, 🦄", [70_000, 1]],
            "close": [4321, "as told", True],
        }
    finally:
        browser.terminate()
        browser.wait()
    served.wait_for_line('"WebSocket /echo" [closed 4321 "as told"')
