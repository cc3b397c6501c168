"""A headless Chromium and one page in it, through the browser's own protocol.

It downloads nothing: the browser is the one that is installed, and websocket-client is there with
Jupyter.
"""

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
           "--no-first-run", "--disable-background-networking", "--disable-extensions",
           "--disable-component-update", "--remote-debugging-port=0")  # fmt: skip
PATIENCE = 120
# Names of keys → what the protocol wants beside them.
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Space": (32, " "), "ArrowLeft": (37, ""),
        "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowDown": (40, "")}  # fmt: skip
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def find() -> str | None:
    """Return the path of an installed Chromium or Chrome, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab: what it has requested and complained about, and what a person does with it."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self.numbers = itertools.count(1)
        self.events: list[dict] = []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict:
        """Send a command and return its answer; events that come before it are kept."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self.events.append(message)

    def seen(self, method: str) -> list[dict]:
        """Return the parameters of every event of a kind."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def open(self, path: Path, width: int = 1200, height: int = 900) -> None:
        """Load a file into a window of a size, and wait until it is drawn."""
        self.resize(width, height)
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not self.seen("Page.loadEventFired"):
            self.events.append(json.loads(self.socket.recv()))
        self.settle()

    def resize(self, width: int, height: int) -> None:
        """Give the window another size; a narrow one is a telephone."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)  # fmt: skip

    def media(self, scheme: str, kind: str = "") -> None:
        """Prefer a colour scheme, and show the page as on a kind of medium."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=kind, features=[feature])
        self.settle()

    def settle(self) -> None:
        """Wait until what has changed is drawn."""
        self.evaluate(DRAWN)

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page, awaited if it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def focus(self, selector: str) -> None:
        """Give an element the focus."""
        self.evaluate(f"document.querySelector({selector!r}).focus()")

    def number(self, name: str) -> float:
        """Return the number that is shown under a name (``data-value``)."""
        text = self.evaluate(f"document.querySelector('[data-value={name}]').textContent")
        return float(text.replace("−", "-"))

    def press(self, key: str, times: int = 1, shift: bool = False) -> None:
        """Press a key some times."""
        code, text = KEYS[key]
        about = {"key": " " if key == "Space" else key, "code": key, "modifiers": 8 * shift}
        about["windowsVirtualKeyCode"] = code
        for _ in range(times):
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)
        self.settle()

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self.call("Input.insertText", text=text)
        self.settle()

    def mouse(self, kind: str, x: float, y: float) -> None:
        """Press, move or release the mouse: ``mousePressed``, ``mouseMoved``, ``mouseReleased``."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                  clickCount=1)  # fmt: skip

    def pdf(self) -> bytes:
        """Print the page."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def picture(self, whole: bool = False) -> bytes:
        """Return what is shown, or the whole page, as PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def complaints(self) -> list[str]:
        """Return every error and warning of the console, and every uncaught exception."""
        found = [f"{e['exceptionDetails']}" for e in self.seen("Runtime.exceptionThrown")]
        found += [str(e["args"]) for e in self.seen("Runtime.consoleAPICalled")]
        return found + [e["entry"]["text"] for e in self.seen("Log.entryAdded")]

    def requests(self) -> list[str]:
        """Return the address of everything that was asked for; pictures inside it are not."""
        found = [e["request"]["url"] for e in self.seen("Network.requestWillBeSent")]
        return [address for address in found if not address.startswith("data:")]


@contextmanager
def browser(executable: str) -> Iterator[Page]:
    """Start a browser with an empty profile for the length of a block; yield its page."""
    profile = Path(tempfile.mkdtemp(prefix="gan-repro-browser-"))
    words = [executable, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page = Page(_address(profile / "DevToolsActivePort", process))
        yield page
        page.socket.close()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(profile, ignore_errors=True)


def _address(file: Path, process: subprocess.Popen) -> str:
    """Wait until the browser has written its port; return the address of its one page."""
    end = time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text(encoding="utf-8").count("\n")):
        assert process.poll() is None, "the browser has ended"
        assert time.monotonic() < end, "the browser does not start"
        time.sleep(0.05)
    port = file.read_text(encoding="utf-8").split("\n")[0]
    while time.monotonic() < end:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = [target for target in json.load(answer) if target["type"] == "page"]
        if pages:
            return pages[0]["webSocketDebuggerUrl"]
        time.sleep(0.05)
    raise AssertionError("the browser opens no page")
