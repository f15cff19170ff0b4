# SPDX-License-Identifier: Apache-2.0
"""Uses the demo's page in real browsers. Called by scripts/browser-check, which knows the arguments.

Chromium is driven by its DevTools protocol, Firefox by WebDriver BiDi: both are JSON over a WebSocket.
"""

import argparse
import asyncio
import base64
import json
import pathlib
import re
import shlex
import shutil
import sys
import tempfile
import urllib.request

from websockets.asyncio.client import connect

PATIENCE = 20  # seconds for anything that the page is expected to do


class Failure(Exception):
    pass


class Browser:
    """A headless browser with a profile of its own, for the time of an `async with` block."""

    async def __aenter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        command = [self.path, *self.flags, *self.profile_flags(self.profile.name), "about:blank"]
        self.process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        address = await asyncio.wait_for(self.find_address(), 60)
        self.drain = asyncio.create_task(self.process.stderr.read())
        self.socket = await connect(address, max_size=None, compression=None, open_timeout=30)
        self.count = 0
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.socket.close()
        self.process.terminate()
        await self.process.wait()
        self.profile.cleanup()

    async def find_address(self):
        while line := await self.process.stderr.readline():
            if found := re.search(rb"listening on (ws://\S+)", line):
                return found[1].decode()
        raise Failure(f"{self.name} ended before it could be driven")

    async def call(self, method, parameters=None, **more):
        self.count += 1
        await self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters or {}, **more}))
        while True:
            answer = json.loads(await asyncio.wait_for(self.socket.recv(), 60))
            if answer.get("id") == self.count:
                break
        if "error" in answer:
            raise Failure(f"{self.name} refuses {method}: {answer}")
        return answer["result"]


class Chromium(Browser):
    name = "chromium"
    programs = ("chromium", "chromium-browser", "google-chrome")
    flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run")

    def profile_flags(self, folder):
        return (f"--user-data-dir={folder}", "--window-size=1280,1000")

    async def start(self):
        pass

    async def open(self, url):
        target = await self.call("Target.createTarget", {"url": url, "newWindow": True})
        session = await self.call("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        return session["sessionId"]

    async def evaluate(self, tab, expression):
        parameters = {"expression": expression, "returnByValue": True}
        answer = await self.call("Runtime.evaluate", parameters, sessionId=tab)
        if "exceptionDetails" in answer:
            raise Failure(f"the page threw: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def screenshot(self, tab):
        return (await self.call("Page.captureScreenshot", sessionId=tab))["data"]


class Firefox(Browser):
    name = "firefox"
    programs = ("firefox", "firefox-esr")
    flags = ("--headless", "--no-remote", "--remote-debugging-port=0", "--width=1280", "--height=1000")

    def profile_flags(self, folder):
        return ("--profile", folder)

    async def find_address(self):
        return await super().find_address() + "/session"

    async def start(self):
        await self.call("session.new", {"capabilities": {}})

    async def open(self, url):
        tab = (await self.call("browsingContext.create", {"type": "window"}))["context"]
        await self.call("browsingContext.navigate", {"context": tab, "url": url, "wait": "complete"})
        return tab

    async def evaluate(self, tab, expression):
        parameters = {"expression": expression, "target": {"context": tab}, "awaitPromise": False}
        answer = await self.call("script.evaluate", parameters)
        if answer["type"] != "success":
            raise Failure(f"the page threw: {answer['exceptionDetails'].get('text')}")
        return answer["result"].get("value")

    async def screenshot(self, tab):
        return (await self.call("browsingContext.captureScreenshot", {"context": tab}))["data"]


class Page:
    """The demo's page in one window, in the words of who uses it."""

    def __init__(self, browser, tab):
        self.browser, self.tab = browser, tab

    @classmethod
    async def open(cls, browser, url):
        page = cls(browser, await browser.open(url))
        for connection in ("chat", "echo"):
            await page.reads(f"#{connection}-connection .state", "^open$")
        return page

    async def text(self, selector):
        return await self.browser.evaluate(self.tab, f"document.querySelector({selector!r})?.textContent ?? ''")

    async def reads(self, selector, pattern):
        """Waits until the element's text matches."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while not re.search(pattern, text := await self.text(selector)):
            if asyncio.get_running_loop().time() > end:
                raise Failure(f"{selector} should read {pattern!r}; it reads {text!r}")
            await asyncio.sleep(0.05)

    async def enter(self, field, text):
        script = f"{{ const f = document.querySelector({field!r}); f.value = {text!r}; f.form.requestSubmit(); }}"
        await self.browser.evaluate(self.tab, script)

    async def press(self, button):
        await self.browser.evaluate(self.tab, f"document.querySelector({button!r}).click()")

    async def save_screenshot(self, folder):
        if folder:
            file = pathlib.Path(folder) / f"{self.browser.name}.png"
            file.write_bytes(base64.b64decode(await self.browser.screenshot(self.tab)))


async def use_the_page(browser, url, screenshots):
    ada = await Page.open(browser, url)
    for connection in ("chat", "echo"):
        await ada.reads(f"#{connection}-connection .extensions", "^permessage-deflate")
        await ada.reads(f"#{connection}-connection .protocol", r"^demo\.alicorn$")
    await ada.reads("#rtt", r"^\d+(\.\d)?ms$")

    await ada.enter("#echo-text", "Grüße, 🦄")
    await ada.reads("#echo-log", r"Grüße, 🦄 · \d")
    await ada.press("#echo-binary")
    await ada.reads("#echo-log", "64 KiB, the same bytes")

    bert = await Page.open(browser, url)
    await ada.enter("#name", "Ada")
    await ada.reads("#chat-log", "You are in the room as Ada")
    await bert.enter("#name", "Bert")
    await ada.reads("#chat-log", r"Bert came in")
    await ada.reads("#people", "2 people")
    await bert.enter("#text", "Hello, Ada <b>!")
    await ada.reads("#chat-log", "BertHello, Ada <b>!")
    await ada.enter("#text", "Hello, Bert")
    await bert.reads("#chat-log", "AdaHello, Bert")
    await ada.save_screenshot(screenshots)

    await bert.press("#chat-connection .end")
    await bert.reads("#chat-connection .close", "^1000 .*, clean$")
    await ada.reads("#chat-log", "Bert left")
    await ada.press("#echo-connection .end")
    await ada.reads("#echo-connection .close", "^1000 .*, clean$")
    await ada.press("#echo-connection .again")
    await ada.reads("#echo-connection .state", "^open$")
    await ada.enter("#echo-text", "again")
    await ada.reads("#echo-log", "again · ")


async def start_demo(program):
    demo = await asyncio.create_subprocess_exec(
        *shlex.split(program), "demo", "--port", "0", "--no-access-log", stderr=asyncio.subprocess.PIPE
    )
    lines = []
    while line := await demo.stderr.readline():
        lines.append(line.decode())
        if port := re.search(r"running on http://[^\s/]+:(\d+)", lines[-1]):
            # What else it says must not fill the pipe.
            return demo, f"http://127.0.0.1:{int(port[1])}/", asyncio.create_task(demo.stderr.read())
    raise Failure(f"the demo ended before it said where it listens: {''.join(lines)}")


async def main():
    parser = argparse.ArgumentParser(prog="scripts/browser-check")
    parser.add_argument("browsers", nargs="*", help="chromium, firefox; both unless told")
    parser.add_argument("--screenshots", help="a folder for a picture of the page in each browser")
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    failed = False
    demo, url, rest = await start_demo(arguments.program)
    try:
        with urllib.request.urlopen(url) as page:
            if not page.headers["Content-Type"].startswith("text/html"):
                raise Failure(f"the page is served as {page.headers['Content-Type']}")
        for browser in (Chromium(), Firefox()):
            if arguments.browsers and browser.name not in arguments.browsers:
                continue
            browser.path = next(filter(None, map(shutil.which, browser.programs)), None)
            if browser.path is None:
                print(f"{browser.name}: skipped, it is not installed")
                continue
            try:
                async with browser:
                    await use_the_page(browser, url, arguments.screenshots)
                print(f"{browser.name}: passed")
            except Failure as failure:
                failed = True
                print(f"{browser.name}: failed, {failure}")
    finally:
        demo.terminate()
        await demo.wait()
        await rest
    sys.exit(1 if failed else 0)


asyncio.run(main())
