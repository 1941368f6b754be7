"""Debian's Chromium as tests use it: over its DevTools protocol, with nothing to install but axe.

axe-core is a file of the npm package of that name. It is looked for at $SLOYFE_AXE and in
build/axe; `make axe` fetches it. Tests that want it skip where it or Chromium is not.
"""

import base64
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium")
_AXE_PLACES = (os.environ.get("SLOYFE_AXE", ""), "build/axe/package/axe.min.js")


def axe_source() -> Path | None:
    root = Path(__file__).parents[1]
    found = (root / place for place in _AXE_PLACES if place)
    return next((file for file in found if file.is_file()), None)


@dataclass
class Browser:
    """One tab."""

    socket: ClientConnection
    number: int = field(default=0)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": arguments}))
        while True:
            answer = json.loads(self.socket.recv(timeout=180))
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, page: Path, *, width: int = 1280, dark: bool = False, media: str = "") -> None:
        self.call("Page.setBypassCSP", enabled=True)  # for axe alone: our pages have no script
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.call("Page.navigate", url=page.resolve().as_uri())
        for _ in range(200):
            where = self.evaluate("document.readyState + location.pathname")
            if where.startswith("complete") and where.endswith(page.name):
                return
            time.sleep(0.05)
        raise AssertionError(f"{page} did not load")

    def evaluate(self, expression: str) -> Any:
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def violations(self, axe: Path) -> list[str]:
        """What axe finds wrong on the open page: rule and where."""
        self.evaluate(axe.read_text(encoding="utf-8") + ";0")
        found = self.evaluate("axe.run(document).then(r => r.violations)")
        return [
            f"{v['id']}: {node['target']} {node['html'][:160]}"
            for v in found
            for node in v["nodes"]
        ]

    def screenshot(self, file: Path, height: int | None = None) -> None:
        """Of the whole page, or its first `height` pixels."""
        metrics = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": metrics["width"], "scale": 1}
        clip["height"] = min(metrics["height"], height or metrics["height"])
        shot = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, file: Path) -> None:
        made = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        file.write_bytes(base64.b64decode(made["data"]))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A Chromium of one's own, ended whatever happens. folder: for its profile."""
    assert CHROMIUM is not None
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    process = subprocess.Popen(
        [CHROMIUM, *flags, f"--user-data-dir={folder}", "--remote-debugging-port=0", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = _port(folder / "DevToolsActivePort")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            tabs = json.load(answer)
        url = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        with connect(url, max_size=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _port(file: Path) -> str:
    for _ in range(300):
        if file.is_file() and (lines := file.read_text().splitlines()):
            return lines[0]
        time.sleep(0.1)
    raise AssertionError("Chromium did not start")
