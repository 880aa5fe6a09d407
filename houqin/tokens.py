"""Makes tokens in a data folder's journal."""

from __future__ import annotations

from pathlib import Path

from facility.commands import Role
from facility.errors import NotPermitted
from facility.journal import Journal


def journal_url(data: Path) -> str:
    """Address of the records under a data folder."""
    return f"sqlite:///{data / 'journal.db'}"


def create_token(data: Path, name: str, role: Role, office: str | None) -> str:
    """A new token for `name`; only its hash is kept.

    Raises:
        NotPermitted: no name, a section operator without an office, or an office for another role.
    """
    if not name.strip():
        raise NotPermitted("a token needs a name, for it stands in the records / 口令要有名称,操作记录里用它")
    if (role is Role.SECTION_OPERATOR) != (office is not None):
        raise NotPermitted(
            "a section_operator needs --office, other roles have none / section_operator 需要 --office,其他角色不需要"
        )
    data.mkdir(parents=True, exist_ok=True)
    journal = Journal(journal_url(data))
    try:
        return journal.create_token(name, role, office)
    finally:
        journal.close()
