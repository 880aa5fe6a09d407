"""Standard coal and CO2 of every row of use, by the factors of the row's year."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from datetime import date
from typing import Final

import numpy as np

from api.context import ApiContext
from api.reports.columns import Column, Numbers
from api.services.told import ReckonedView, told
from facility.accounting.factors import Reckoned
from facility.books.reckoning import coal_and_co2
from facility.books.standing import Standing
from facility.books.usage import UsageTable
from facility.local_days import date_at
from facility.series import Values

COAL: Final = ("coal_kgce", "coal_equivalent_kgce")
"""By calorific value (当量) and equivalent (等价): never added up."""
CO2: Final = ("co2_kg",)

_PLACES: Final = {"coal_kgce": 0, "coal_equivalent_kgce": 1, "co2_kg": 2}


def factor_columns(
    context: ApiContext,
    table: UsageTable,
    names: Sequence[str],
    told_once: MutableMapping[tuple[str, int], ReckonedView],
) -> dict[str, dict[str, Column]]:
    """Each value times its factor; missing where the medium is no energy or has no factor. What the factors are is put
    into `told_once`, by field and year. Blocks.
    """
    standing, zone = context.books.standing(), context.site.zone
    days = [date_at(start_us, zone) for start_us in table.edges_us[:-1].tolist()]
    unit = _Units(standing, table)
    factors: dict[str, Values] = {}
    for name in names:
        found = [unit.factor(name, day) for day in days]
        factors[name] = np.array([np.nan if each is None or each.value is None else each.value for each in found])
        for day, each in zip(days, found, strict=True):
            if each is not None and (name, day.year) not in told_once:
                told_once[name, day.year] = told(ReckonedView, each, zone)
    return {
        key: {name: Numbers(values=np.round(table.columns[key].values * factors[name], 6)) for name in names}
        for key in table.names
    }


class _Units:
    """What one unit of the table's medium weighs; reckoned once for each year and factor set."""

    def __init__(self, standing: Standing, table: UsageTable) -> None:
        self._standing = standing
        self._medium = table.medium
        self._days: dict[date, tuple[Reckoned, Reckoned, Reckoned] | None] = {}

    def factor(self, name: str, day: date) -> Reckoned | None:
        """For a row that begins on `day`; factors are chosen for whole days."""
        if day not in self._days:
            self._days[day] = coal_and_co2(self._standing, self._medium, 1.0, day)
        found = self._days[day]
        return None if found is None else found[_PLACES[name]]
