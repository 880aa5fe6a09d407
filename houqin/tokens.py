"""Where a site's records are, and how tokens get into them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from facility.commands import Role
from facility.errors import NotPermitted, StoreRefused
from facility.journal import Journal
from facility.model.entries import JournalEntry

_FILE: Final = JournalEntry()


def journal_url(data: Path, entry: JournalEntry = _FILE) -> str:
    """Address of a site's records: the database that the site file names, or a file under the data folder.

    Raises:
        StoreRefused: the environment variable that should hold the address is not set, or is empty.
    """
    if entry.url_env is None:
        return f"sqlite:///{data / 'journal.db'}"
    url = os.environ.get(entry.url_env, "").strip()
    if not url:
        raise StoreRefused(
            f"journal: the environment variable {entry.url_env}, which holds the records' address "
            "(postgresql+psycopg://user:password@host/database), is not set"
            f" / 环境变量 {entry.url_env} 未设置,它应写明记录库地址(postgresql+psycopg://用户:密码@主机/库名)"
        )
    return url


def create_token(data: Path, name: str, role: Role, office: str | None, entry: JournalEntry = _FILE) -> str:
    """A new token for `name` in the records that `entry` names; only its hash is kept.

    Raises:
        NotPermitted: no name, a section operator without an office, or an office for another role.
        StoreRefused, StoreUnavailable, StoreDamaged: the records' address is not set or not understood, or the
            records cannot be opened.
    """
    if not name.strip():
        raise NotPermitted("a token needs a name, for it stands in the records / 口令要有名称,操作记录里用它")
    if (role is Role.SECTION_OPERATOR) != (office is not None):
        raise NotPermitted(
            "a section_operator needs --office, other roles have none / section_operator 需要 --office,其他角色不需要"
        )
    if entry.url_env is None:
        data.mkdir(parents=True, exist_ok=True)
    journal = Journal(journal_url(data, entry))
    try:
        return journal.create_token(name, role, office)
    finally:
        journal.close()
