"""One building and one browser for all tests that look at pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pages.browser import Browser, chromium
from tests.pages.building import Building


@pytest.fixture(scope="session")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    """The small building as a demonstration: reading is open, the clock is moved by hand."""
    with Building(tmp_path_factory.mktemp("building"), demo=True) as served:
        yield served


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def browser(chrome: Browser) -> Browser:
    """The browser as if it had never been used, at the size of a desk."""
    chrome.forget()
    chrome.size(1440, 900)
    chrome.hosts()
    chrome.complaints()
    return chrome
