"""Log-ins: what a token opens, and what ends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.pages.sessions import Sessions, local_target, storage_secret
from facility.commands import Role
from facility.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    yield opened
    opened.close()


def context_of(journal: Journal) -> Any:
    async def remember(call: Any, *args: Any) -> Any:
        return call(*args)

    return cast(Any, SimpleNamespace(journal=journal, remember=remember))


@pytest.mark.asyncio
async def test_a_token_opens_a_log_in_and_leaving_ends_it(journal: Journal) -> None:
    sessions = Sessions(context_of(journal))
    key = await sessions.open(journal.create_token("duty", Role.DUTY_ROOM))
    assert key is not None
    actor = await sessions.actor(key)
    assert actor is not None
    assert (actor.name, actor.role) == ("duty", Role.DUTY_ROOM)
    sessions.close(key)
    assert await sessions.actor(key) is None


@pytest.mark.asyncio
async def test_a_wrong_token_opens_nothing(journal: Journal) -> None:
    sessions = Sessions(context_of(journal))
    assert await sessions.open("nonsense") is None
    assert await sessions.open("") is None
    assert await sessions.actor("nonsense") is None
    assert await sessions.actor(None) is None


@pytest.mark.asyncio
async def test_a_revoked_token_ends_its_log_ins(journal: Journal) -> None:
    sessions = Sessions(context_of(journal), recheck_s=-1.0)
    key = await sessions.open(journal.create_token("temp", Role.VIEWER))
    assert await sessions.actor(key) is not None
    journal.revoke_token("temp")
    assert await sessions.actor(key) is None


@pytest.mark.asyncio
async def test_a_log_in_ends_by_itself(journal: Journal) -> None:
    sessions = Sessions(context_of(journal), max_age_s=-1.0)
    key = await sessions.open(journal.create_token("old", Role.VIEWER))
    assert await sessions.actor(key) is None


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        (None, "/"),
        ("", "/"),
        ("/office/finance?by=day", "/office/finance?by=day"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_nobody_is_sent_to_another_site(asked: str | None, target: str) -> None:
    assert local_target(asked) == target


def test_the_secret_is_made_once_and_kept(journal: Journal) -> None:
    first = storage_secret(context_of(journal))
    assert len(first) >= 32
    assert storage_secret(context_of(journal)) == first


def test_importing_the_pages_does_not_import_nicegui() -> None:
    check = "import sys, api.pages; sys.exit('nicegui' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
