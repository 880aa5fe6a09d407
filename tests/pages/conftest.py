"""One building and one browser for all tests that look at pages."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.pages.browser import Browser, chromium
from tests.pages.building import Building
from tests.pages.bureau import Bureau, bureau


@pytest.fixture(scope="session", autouse=True)
def what_stands_is_not_searched() -> Iterator[None]:
    """NiceGUI's and FastAPI's modules stay for the whole run: the collection after each test need not walk them."""
    import api.pages.mounting  # noqa: F401 - so that it stands already

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    """The small building as a demonstration: reading is open, the clock is moved by hand."""
    with Building(tmp_path_factory.mktemp("building"), demo=True) as served:
        yield served


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    """The bureau with two months of account book."""
    with bureau(tmp_path_factory.mktemp("bureau")) as served:
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
