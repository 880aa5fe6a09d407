"""A headless Chromium that remembers which hosts it asked for anything."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.servers import wait_for

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--hide-scrollbars", "--force-color-profile=srgb",
)  # fmt: skip


class Browser:
    """One Chromium with a fresh profile."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """Shows pages at this size, CSS pixels."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone},
        )

    def open(self, address: str) -> None:
        """Goes there and waits until the page is alive (its socket is up)."""
        self.driver.get(address)
        self.wait(
            lambda: bool(self.driver.execute_script("return !!document.querySelector('.main')")), f"page {address}"
        )

    def forget(self) -> None:
        """A browser nobody has used."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def text(self, selector: str = "body") -> str:
        """The visible text of the first match, empty while there is none."""
        return str(
            self.driver.execute_script(
                "const e = document.querySelector(arguments[0]); return e ? e.innerText : ''", selector
            )
        )

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def wait(self, condition: Callable[[], bool], what: str, timeout_s: float = 15.0) -> None:
        wait_for(condition, what, timeout_s)

    def wait_text(self, text: str, selector: str = "body") -> None:
        """Returns once `text` is to be read."""
        try:
            wait_for(lambda: text in self.text(selector), f"{text!r} on the page", 15.0)
        except TimeoutError as error:
            raise AssertionError(f"{error}; it says:\n{self.text(selector)}") from None

    def hosts(self) -> set[str]:
        """Every host that was asked for anything since the last call."""
        found = set()
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            address = _asked(message["method"], message["params"])
            if urlsplit(address).scheme in ("http", "https", "ws", "wss"):
                found.add(urlsplit(address).netloc)
        return found

    def complaints(self) -> list[str]:
        """What the browser's console says is wrong."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]  # type: ignore[no-untyped-call]


def _asked(method: str, params: dict[str, Any]) -> str:
    if method == "Network.requestWillBeSent":
        return str(params["request"]["url"])
    return str(params["url"]) if method == "Network.webSocketCreated" else ""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium; skips with the reason where the machine has none."""
    program, control = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or control is None:
        pytest.skip("chromium and chromium-driver are not installed; `make packages` installs them from Debian")
    profile = Path(tempfile.mkdtemp(prefix="houqin-chromium-"))
    options = Options()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(control))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
