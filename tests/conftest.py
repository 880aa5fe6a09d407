"""What every test gets: leaked tasks and threads fail it, and so does an exception nobody fetched."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Iterator

import hypothesis  # before the heap is frozen: its plugins look for referrers when loaded
import pytest
import pytest_asyncio

hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)  # a busy machine is no mistake
hypothesis.settings.load_profile("house")

gc.freeze()  # what the libraries brought stays; collecting after every test need not walk it

_POOLED = ("asyncio_", "ThreadPoolExecutor", "AnyIO", "pytest_timeout", "tqdm")


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fails a test that leaves a thread behind (pools of the standard library excepted)."""
    before = set(threading.enumerate())
    yield
    left = [
        thread for thread in threading.enumerate()
        if thread not in before and thread.is_alive() and not thread.name.startswith(_POOLED)
    ]  # fmt: skip
    for thread in left:
        thread.join(timeout=2.0)
    still = [thread.name for thread in left if thread.is_alive()]
    assert not still, f"threads left running: {still}"


@pytest_asyncio.fixture(autouse=True)
async def no_leaked_tasks(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fails an async test that leaves a task running or an exception unfetched."""
    loop = asyncio.get_running_loop()
    complaints: list[str] = []
    loop.set_exception_handler(lambda _, context: complaints.append(str(context)))
    before = asyncio.all_tasks()
    yield
    gc.collect()
    await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() - before - {asyncio.current_task()} if not task.done()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    assert not left, f"tasks left running: {left}"
    assert not complaints, f"exceptions nobody fetched: {complaints}"


_ONE_BUILDING_OF_PAGES = ("tests/pages/", "tests/api/test_errors.py", "tests/houqin/test_faults_are_shown.py")
"""NiceGUI has one application a process: what mounts pages stays together, in the order collected."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file go to one process, and all that mount pages to the same."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        group = "pages" if file.startswith(_ONE_BUILDING_OF_PAGES) else file
        item.add_marker(pytest.mark.xdist_group(group))
