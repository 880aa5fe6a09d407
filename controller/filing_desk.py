"""The filings that concern each equipment, and when one of them begins or ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from facility.filings import Filing, FilingState, Scope
from facility.model import Site

AHEAD: Final = timedelta(days=1)
"""How long before its beginning a filing is taken into account: it may carry on where the window ends."""

_NONE: Final[frozenset[str]] = frozenset()


class FilingDesk:
    """Knows every filing that is, or will be, in force, and whom it concerns.

    Args:
        site: which equipment is where.
        equipment: what is under control.
    """

    def __init__(self, site: Site, equipment: Iterable[str]) -> None:
        self._places = {name: _places_of(site, name) for name in equipment}
        self._filings: dict[int, Filing] = {}
        self._concerned: dict[int, frozenset[str]] = {}
        self._of: dict[str, list[Filing]] = {}
        self._looked: datetime | None = None
        self._changed: set[str] = set()
        self.revision: int | None = None

    def put(self, filing: Filing) -> None:
        """Takes a filing in, in place of what was known of it."""
        if self._filings.get(filing.id) == filing:
            return
        self._changed |= self._concerned.get(filing.id, _NONE)
        self._filings[filing.id] = filing
        self._concerned[filing.id] = frozenset(
            name for name, places in self._places.items() if _concerns(filing.scope, places)
        )
        self._changed |= self._concerned[filing.id]
        self._index()

    def replace_all(self, filings: Iterable[Filing]) -> None:
        """Knows exactly these from now on, as the register has them."""
        found = {filing.id: filing for filing in filings}
        for number in set(self._filings) - set(found):
            self._changed |= self._concerned.pop(number)
            del self._filings[number]
        for filing in found.values():
            self.put(filing)
        self._index()

    def _index(self) -> None:
        by_equipment: dict[str, list[Filing]] = defaultdict(list)
        for number, filing in self._filings.items():
            if filing.state is FilingState.APPROVED:
                for name in self._concerned[number]:
                    by_equipment[name].append(filing)
        self._of = by_equipment

    def step(self, now: datetime) -> set[str]:
        """The equipment for which another set of filings holds than at the last step."""
        changed, self._changed = self._changed, set()
        last, self._looked = self._looked, now
        for number, filing in self._filings.items():
            if last is None or _stage(filing, last) != _stage(filing, now):
                changed |= self._concerned[number]
        return changed

    def filings(self, equipment: str, now: datetime) -> tuple[Filing, ...]:
        """What is approved for one equipment and not over, up to a day ahead."""
        found = self._of.get(equipment, ())
        return tuple(filing for filing in found if filing.end > now and filing.begins <= now + AHEAD)

    def coming(self, now: datetime) -> Iterator[Filing]:
        """All that is approved and not over, up to a day ahead."""
        for filing in self._filings.values():
            if _stage(filing, now) in ("coming", "in force"):
                yield filing

    def edges(self, now: datetime) -> Iterator[datetime]:
        """When filings begin or end, after `now`."""
        for filing in self._filings.values():
            if filing.state is FilingState.APPROVED:
                yield from (edge for edge in (filing.begins - AHEAD, filing.begins, filing.end) if edge > now)

    def next_edge(self, equipment: str, now: datetime) -> datetime | None:
        """When the next filing for one equipment begins or ends, None when none does."""
        edges = (edge for filing in self._of.get(equipment, ()) for edge in (filing.begins, filing.end))
        return min((edge for edge in edges if edge > now), default=None)


def _stage(filing: Filing, now: datetime) -> str:
    if filing.state is not FilingState.APPROVED or now >= filing.end:
        return "over"
    if now >= filing.begins:
        return "in force"
    return "coming" if filing.begins <= now + AHEAD else "far"


def _places_of(site: Site, name: str) -> dict[str, frozenset[str]]:
    item = site.equipment[name]
    spaces = [site.spaces[space] for space in getattr(item, "serves", ())]
    floors = frozenset(space.floor for space in spaces)
    return {
        "equipment": frozenset({name}),
        "spaces": frozenset(space.id for space in spaces),
        "offices": frozenset(space.office for space in spaces if space.office is not None),
        "floors": floors,
        "buildings": frozenset(
            building.id for building in site.buildings.values() if floors & {floor.id for floor in building.floors}
        ),
    }


def _concerns(scope: Scope, places: dict[str, frozenset[str]]) -> bool:
    if scope.is_everything:
        return True
    return any(getattr(scope, kind) & named for kind, named in places.items())
