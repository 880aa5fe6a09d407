"""Tariffs and factor sets that may be chosen, what holds today, and the checks of what people choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, TypeVar

from api.context import ApiContext
from api.services.entered import EnteredView, EntryKind, read_entries, wrong_field
from api.services.told import FactorView, all_told
from api.shapes import Bilingual, Shape
from facility.accounting.entries import EnergyPrice, FactorChoice, TariffChoice
from facility.accounting.factors import FactorSet
from facility.accounting.metering import Medium
from facility.accounting.tariffs import Tariff, TariffFamily
from facility.books.facts import Facts
from facility.local_days import date_at
from facility.tables import factor_set, load_factors, load_tariffs, tariff
from facility.text import Text

MEDIA: Final = (*(medium.value for medium in Medium), "oil")

T = TypeVar("T")


class TariffView(Shape):
    """One version of a tariff, in force on local dates in [valid_from, valid_until); None: until further notice.

    `floats`: `prices` are ratios to the price announced for the month; else yuan per unit by period. `example`: not
    what any supplier bills. `pays_for` names the media that it is today's tariff of.
    """

    tariff: str
    version: str
    name: Bilingual
    medium: str
    region: str | None
    user_class: str | None
    voltage: str | None
    valid_from: date
    valid_until: date | None
    floats: bool
    prices: dict[str, float]
    default_base: float | None
    example: bool
    source: str
    source_grade: str
    pays_for: list[str]


class Tariffs(Shape):
    """The tariffs there are with their versions, what was chosen on top of the site file, and the announced prices."""

    rows: list[TariffView]
    from_site_file: dict[str, str]
    chosen: list[EnteredView]
    prices: list[EnteredView]


class FactorSetView(Shape):
    """A set of factors that go together. `holds`: coal and CO2 are reckoned with it today."""

    factors: str
    version: str
    name: Bilingual
    holds: bool
    rows: list[FactorView]


class FactorSets(Shape):
    """The factor sets there are, and what was chosen on top of the site file."""

    rows: list[FactorSetView]
    from_site_file: str
    chosen: list[EnteredView]


def _tariffs(context: ApiContext) -> Mapping[str, TariffFamily]:
    """By the name that a choice gives: all that are shipped, and those of its own that the site file names.

    Raises:
        TableError: a file of the site's own has mistakes.
    """
    named = context.site.file.accounting.tariffs.values()
    return _with_own(load_tariffs(), named, lambda name: tariff(name, _facts(context).folder))


def _factor_sets(context: ApiContext) -> Mapping[str, FactorSet]:
    name = context.site.file.accounting.factors
    return _with_own(load_factors(), [name], lambda name: factor_set(name, _facts(context).folder))


def _with_own(shipped: Mapping[str, T], named: Iterable[str], load: Callable[[str], T]) -> dict[str, T]:
    return {**shipped, **{name: load(name) for name in named if name not in shipped}}


def _facts(context: ApiContext) -> Facts:
    return context.books.standing().facts


def _today(context: ApiContext) -> date:
    return date_at(context.books.now_us(), context.site.zone)


async def tariffs(context: ApiContext) -> Tariffs:
    """The tariffs there are, which hold today, and the announced prices.

    Raises:
        TableError: a file of the site's own has mistakes.
    """
    return await context.reckon(_tariffs_told, context)


def _tariffs_told(context: ApiContext) -> Tariffs:
    found = _tariffs(context)
    today = {medium: _facts(context).tariff_on(medium, _today(context)) for medium in MEDIA}
    paying = {medium: family.id for medium, family in today.items() if family is not None}
    return Tariffs(
        rows=[
            _tariff_view(name, version, [medium for medium, family in paying.items() if family == version.family])
            for name, family in found.items()
            for version in family.versions
        ],
        from_site_file={str(medium): name for medium, name in context.site.file.accounting.tariffs.items()},
        chosen=read_entries(context, EntryKind.TARIFFS),
        prices=read_entries(context, EntryKind.PRICES),
    )


def _tariff_view(name: str, version: Tariff, pays_for: list[str]) -> TariffView:
    return TariffView(
        tariff=name,
        version=version.version,
        name=Bilingual.of(version.name),
        medium=version.medium,
        region=version.region,
        user_class=version.user_class,
        voltage=version.voltage,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        floats=version.floats,
        prices={period.value: price for period, price in version.prices.items()},
        default_base=version.default_base,
        example=version.example,
        source=version.source.document,
        source_grade=version.source.grade,
        pays_for=pays_for,
    )


async def factor_sets(context: ApiContext) -> FactorSets:
    """The factor sets there are, and which holds today.

    Raises:
        TableError: a file of the site's own has mistakes.
    """
    return await context.reckon(_factors_told, context)


def _factors_told(context: ApiContext) -> FactorSets:
    found = _factor_sets(context)
    today = _facts(context).factors_on(_today(context))
    return FactorSets(
        rows=[
            FactorSetView(
                factors=name,
                version=item.version,
                name=Bilingual.of(item.name),
                holds=(item.id, item.version) == (today.id, today.version),
                rows=all_told(FactorView, item.factors, context.site.zone),
            )
            for name, item in found.items()
        ],
        from_site_file=context.site.file.accounting.factors,
        chosen=read_entries(context, EntryKind.FACTORS),
    )


def check_choice(context: ApiContext, choice: TariffChoice | EnergyPrice | FactorChoice) -> None:
    """Whether what is chosen exists: a shipped table, or one that the site file names. Blocks.

    Raises:
        RequestProblem: it does not, or is a tariff of another medium.
        TableError: a file of the site's own has mistakes.
    """
    if isinstance(choice, FactorChoice):
        if choice.factors not in _factor_sets(context):
            raise wrong_field("body.factors", _none(choice.factors, _factor_sets(context)))
        return
    known = _tariffs(context)
    if choice.tariff not in known:
        raise wrong_field("body.tariff", _none(choice.tariff, known))
    medium = known[choice.tariff].medium
    if isinstance(choice, TariffChoice) and medium != choice.medium:
        raise wrong_field("body.medium", Text(f"该价目用于 {medium}", f"that tariff is for {medium}"))


def _none(name: str, known: Iterable[str]) -> Text:
    listed = ", ".join(known)
    return Text(f"没有“{name[:80]}”,可用:{listed}", f"there is no {name[:80]!r}; there are {listed}")
