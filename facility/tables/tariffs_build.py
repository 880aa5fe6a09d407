"""From a tariff file's entries to tariffs that can be reckoned with."""

from __future__ import annotations

from typing import Final

from facility.accounting.tariffs import (
    Adder,
    DayPlan,
    FixedCharge,
    Period,
    Tariff,
    TariffFamily,
    TariffSource,
    Tiers,
    TierStep,
)
from facility.tables.tariffs_hours import spans
from facility.tables.tariffs_schema import DayEntry, TariffEntry, TiersEntry, VersionEntry
from facility.text import Text

SURCHARGE: Final = "single_rate_surcharge"
_SURCHARGE_NAME: Final = Text("单一制加价", "surcharge for a single rate")


def built(entry: TariffEntry) -> TariffFamily:
    """The tariff of a file without mistakes, versions oldest first."""
    versions = [_version(entry, version) for version in entry.versions]
    return TariffFamily(
        id=entry.tariff,
        name=entry.name.text,
        medium=entry.medium,
        versions=tuple(sorted(versions, key=lambda version: version.valid_from)),
    )


def _version(entry: TariffEntry, version: VersionEntry) -> Tariff:
    source = version.source or entry.source
    return Tariff(
        family=entry.tariff,
        name=entry.name.text,
        medium=entry.medium,
        region=entry.region,
        user_class=version.user_class,
        voltage=version.voltage,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        days=tuple(_plan(day) for day in version.days),
        prices=dict(version.prices.stated),
        floats=version.prices.ratios is not None,
        source=TariffSource(document=source.document, grade=source.grade, note=source.note),
        default_base=version.prices.default_base,
        adders=_adders(version),
        fixed=tuple(
            FixedCharge(
                id=charge.id, name=charge.name.text, per=charge.per, price=charge.price, quantity=charge.quantity
            )
            for charge in version.fixed
        ),
        tiers=None if version.tiers is None else _tiers(version.tiers),
        currency=entry.currency,
        example=entry.example,
    )


def _plan(day: DayEntry) -> DayPlan:
    return DayPlan(
        months=frozenset(day.months),
        day_types=frozenset(day.day_types),
        spans=spans(day),
        forecast_max_c=day.forecast_max_c,
    )


def _adders(version: VersionEntry) -> tuple[Adder, ...]:
    found = [
        Adder(id=adder.id, name=adder.name.text, price=adder.price, period=adder.period) for adder in version.adders
    ]
    if version.single_rate_surcharge is not None:
        surcharge = version.single_rate_surcharge
        found.append(Adder(id=SURCHARGE, name=_SURCHARGE_NAME, price=surcharge, period=Period.SINGLE))
    return tuple(found)


def _tiers(tiers: TiersEntry) -> Tiers:
    return Tiers(period=tiers.period, steps=tuple(TierStep(above=step.above, add=step.add) for step in tiers.steps))
