"""Chromium by way of chromedriver's own protocol (W3C WebDriver): no package is needed for it."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
QUIET = (
    "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "hide-scrollbars",
    "disable-features=BackForwardCache", "disable-background-networking",
    "disable-component-update", "disable-sync",
)  # fmt: skip


class Browser:
    """One window. `errors()` and `requests()` tell what the console and the network saw."""

    def __init__(self, profile: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.driver = subprocess.Popen(
            [str(DRIVER), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.address = f"http://127.0.0.1:{port}"
        options = {
            "binary": CHROMIUM,
            "args": [*(f"--{flag}" for flag in QUIET), f"--user-data-dir={profile}"],
        }
        logs = {"browser": "ALL", "performance": "ALL"}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": logs}
        self.wait_for_driver()
        session = self.call("POST", "/session", capabilities={"alwaysMatch": wanted})
        self.address += f"/session/{session['sessionId']}"

    def call(self, method: str, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        head = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, head, method=method)
        try:
            with urllib.request.urlopen(request, timeout=900) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()) from None

    def wait_for_driver(self) -> None:
        for _ in range(200):
            try:
                if self.call("GET", "/status")["ready"]:
                    return
            except (OSError, RuntimeError):
                time.sleep(0.1)
        raise RuntimeError("chromedriver did not start")

    def open(self, address: str) -> None:
        self.call("POST", "/url", url="about:blank")  # a new hash alone loads nothing
        self.call("POST", "/url", url=address)

    def js(self, script: str, *args: Any) -> Any:
        """The value that `script` returns; it may be a promise."""
        return self.call("POST", "/execute/sync", script=script, args=list(args))

    def devtools(self, command: str, **params: Any) -> Any:
        return self.call("POST", "/goog/cdp/execute", cmd=command, params=params)

    def size(self, width: int, height: int = 900) -> None:
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def prefers(self, **features: str) -> None:
        """prefers(prefers_color_scheme="dark"): what the reader's system asks for."""
        wanted = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.devtools("Emulation.setEmulatedMedia", features=wanted)

    def keys(self, *keys: str) -> None:
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", actions=[{"type": "key", "id": "keys", "actions": presses}])

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        def move(to: tuple[float, float]) -> dict[str, Any]:
            return {"type": "pointerMove", "x": round(to[0]), "y": round(to[1]), "duration": 50}

        actions = [move(start), {"type": "pointerDown", "button": 0}, move(end)]
        actions += [{"type": "pointerUp", "button": 0}]
        self.call(
            "POST", "/actions", actions=[{"type": "pointer", "id": "mouse", "actions": actions}]
        )

    def log(self, kind: str) -> list[dict[str, Any]]:
        return self.call("POST", "/se/log", type=kind)

    def errors(self) -> list[str]:
        return [row["message"] for row in self.log("browser") if row["level"] != "INFO"]

    def requests(self) -> list[str]:
        """Every address that was asked for since the last call."""
        events = [json.loads(row["message"])["message"] for row in self.log("performance")]
        sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def thread_seconds(self) -> float:
        """CPU time of the page's main thread so far."""
        self.devtools("Performance.enable", timeDomain="threadTicks")
        metrics = self.devtools("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")

    def close(self) -> None:
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()


@contextmanager
def window() -> Iterator[Browser]:
    """A window with a profile of its own; both are gone at the end."""
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(Path(profile))
        try:
            yield browser
        finally:
            browser.close()
