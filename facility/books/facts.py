"""Dated facts that accounts rest on: what the site file says from the beginning, and what people entered since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from facility.accounting.entries import (
    BillAmount,
    EnergyPrice,
    FactorChoice,
    FloorArea,
    Headcount,
    Posting,
    Quota,
    QuotaPer,
    TariffChoice,
)
from facility.accounting.factors import FactorSet
from facility.accounting.tariffs import DayType, TariffFamily
from facility.calendar import Calendar, statutory_days
from facility.journal.accounts import AccountRecords
from facility.model import Site
from facility.tables import factor_set, tariff

E = TypeVar("E", Headcount, FloorArea, Quota, TariffChoice, EnergyPrice, FactorChoice, BillAmount, Posting)

FROM_THE_BEGINNING: Final = date(1970, 1, 1)
SITE_FILE: Final = "site file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything dated that is not about one meter, oldest first; what the site file says comes before all entries."""

    headcounts: Sequence[Headcount]
    areas: Sequence[FloorArea]
    quotas: Sequence[Quota]
    tariff_choices: Sequence[TariffChoice]
    prices: Sequence[EnergyPrice]
    factor_choices: Sequence[FactorChoice]
    bills: Sequence[BillAmount]
    postings: Sequence[Posting]
    folder: Path | None
    _factor_sets: dict[str, FactorSet] = field(default_factory=dict, compare=False, repr=False)

    def tariff_on(self, medium: str, day: date) -> TariffFamily | None:
        """The tariff that a medium is paid by on a day, None where none is chosen.

        Raises:
            TableError: the tariff's file is gone or has mistakes.
        """
        held = [entry for entry in self.tariff_choices if entry.medium == medium and entry.since <= day]
        return tariff(max(held, key=lambda entry: entry.since).tariff, self.folder) if held else None

    def base_prices(self, family: str) -> dict[str, float]:
        """Announced price by local month; of two for one month the later entered.

        A file of the site's own is entered by its path, `./our_power.yaml`; its family is called as the file is.
        """
        return {entry.month: entry.price for entry in self.prices if Path(entry.tariff).stem == family}

    def factors_on(self, day: date) -> FactorSet:
        """The factor set that holds on a day."""
        held = [entry for entry in self.factor_choices if entry.since <= day]
        name = max(held, key=lambda entry: entry.since).factors
        if name not in self._factor_sets:
            self._factor_sets[name] = factor_set(name, self.folder)
        return self._factor_sets[name]


def facts_of(site: Site, records: AccountRecords, folder: Path | None) -> Facts:
    """The facts as they stand now. `folder` is where own tables beside the site file are looked for."""
    entry = site.file.accounting
    chosen = [
        TariffChoice(medium=medium, tariff=name, since=FROM_THE_BEGINNING, reason=SITE_FILE)
        for medium, name in entry.tariffs.items()
    ]
    factors = FactorChoice(factors=entry.factors, since=FROM_THE_BEGINNING, reason=SITE_FILE)
    return Facts(
        headcounts=[*_headcounts(site), *_entered(records, Headcount)],
        areas=[*_areas(site), *_entered(records, FloorArea)],
        quotas=[*_quotas(site), *_entered(records, Quota)],
        tariff_choices=[*chosen, *_entered(records, TariffChoice)],
        prices=_entered(records, EnergyPrice),
        factor_choices=[factors, *_entered(records, FactorChoice)],
        bills=_entered(records, BillAmount),
        postings=_entered(records, Posting),
        folder=folder,
    )


def _entered(records: AccountRecords, kind: type[E]) -> list[E]:
    return [entered.entry for entered in records.entries(kind)]


def _headcounts(site: Site) -> list[Headcount]:
    return [
        Headcount(office=office.id, since=FROM_THE_BEGINNING, people=office.headcount, leaders=0, reason=SITE_FILE)
        for office in site.offices.values()
        if office.headcount is not None
    ]


def _areas(site: Site) -> list[FloorArea]:
    return [
        FloorArea(office=office.id, since=FROM_THE_BEGINNING, area_m2=office.area_m2, reason=SITE_FILE)
        for office in site.offices.values()
        if office.area_m2 is not None
    ]


def _quotas(site: Site) -> list[Quota]:
    return [
        Quota(
            office=office.id,
            medium="electricity",
            item=None,
            per=QuotaPer.HEAD,
            period="month",
            amount=office.quota.electricity_kwh_per_head_month,
            since=FROM_THE_BEGINNING,
            source=SITE_FILE,
            reason=SITE_FILE,
        )
        for office in site.offices.values()
        if office.quota.electricity_kwh_per_head_month is not None
    ]


def day_type(calendar: Calendar, day: date) -> DayType:
    """What sort of day a tariff takes a local date for."""
    if calendar.is_public_workday(day):
        return "workday"
    return "holiday" if day in statutory_days(day.year) else "rest"
