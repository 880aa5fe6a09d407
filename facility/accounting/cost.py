"""What a use costs: lines in yuan and fen by period, adders, tiers, monthly charges. What has no price is said, not
taken for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from facility.accounting.amounts import Amounts
from facility.accounting.tariff_lines import Bill, ChargeLine, Cost, CostLine, yuan
from facility.accounting.tariff_prices import PriceColumn, PriceColumns, priced
from facility.accounting.tariff_tiers import surcharges
from facility.accounting.tariffs import DayType, Period, Tariff
from facility.series import Values
from facility.text import Text


def cost(
    versions: Sequence[Tariff],
    hourly: Amounts,
    zone: ZoneInfo,
    *,
    day_type: Callable[[date], DayType],
    forecast_max_c: Mapping[date, float],
    base_prices: Mapping[str, float],
    used_before: float | None = 0.0,
    share_of_fixed: float | None = 0.0,
    quantities: Mapping[str, float] | None = None,
) -> Cost:
    """What the use of one office or house costs; for many over the same intervals take `priced` and `cost_of`.

    Args:
        versions: of one tariff, or of several (see `priced`).
        hourly: over hours or any other intervals; one that lies across a change of price is shared out by time.
        zone: the site's.
        day_type: what the calendar says of a local date.
        forecast_max_c: forecast maximum of local dates, C.
        base_prices: announced price by local month, yuan per unit, before it floats (see `priced`).
        used_before: what was used since the start of the tiers' month or year up to the first edge; None: not known.
        share_of_fixed: 0..1 of the monthly charges that is to be borne; None: not known.
        quantities: kVA, kW or number by id of a monthly charge, where the tariff does not say or another holds.
    """
    columns = priced(
        versions, hourly.edges_us, zone, day_type=day_type, forecast_max_c=forecast_max_c, base_prices=base_prices
    )
    return cost_of(columns, hourly, used_before=used_before, share_of_fixed=share_of_fixed, quantities=quantities)


def cost_of(
    columns: PriceColumns,
    amounts: Amounts,
    *,
    used_before: float | None = 0.0,
    share_of_fixed: float | None = 0.0,
    quantities: Mapping[str, float] | None = None,
) -> Cost:
    """What a use over the intervals of `columns` costs; arguments as for `cost`.

    Raises:
        ValueError: other intervals, or a share outside of 0..1.
    """
    if amounts.edges_us is not columns.edges_us and not np.array_equal(amounts.edges_us, columns.edges_us):
        raise ValueError("use and prices must be given over the same intervals")
    if share_of_fixed is not None and not 0 <= share_of_fixed <= 1:
        raise ValueError(f"share of the monthly charges is {share_of_fixed}, expected 0..1")
    used = _Used.of(columns, amounts)
    bill = Bill(notes=list(columns.notes))
    _energy(bill, columns, used)
    _adders(bill, columns, used)
    _tiers(bill, columns, used, used_before)
    _fixed(bill, columns, share_of_fixed, quantities or {})
    return bill.closed([tariff for tariff, _ in columns.months], amounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Used:
    """Per price column: what was used (None: nothing known), and how much of it was estimated."""

    amounts: tuple[float | None, ...]
    estimated: tuple[float, ...]

    @classmethod
    def of(cls, columns: PriceColumns, amounts: Amounts) -> _Used:
        known = amounts.known
        values: Values = np.where(known, amounts.values, 0.0)
        doubtful = np.where(columns.split, np.abs(values), np.where(known, amounts.estimated, 0.0))
        seen = known.astype(np.float64) @ columns.weights > 0
        return cls(
            amounts=tuple(
                value if is_seen else None
                for value, is_seen in zip((values @ columns.weights).tolist(), seen.tolist(), strict=True)
            ),
            estimated=tuple((doubtful @ columns.weights).tolist()),
        )

    def amount(self, places: Sequence[int]) -> float | None:
        """Of several columns together; None where nothing is known of any."""
        return _known_sum([self.amounts[place] for place in places])


def _energy(bill: Bill, columns: PriceColumns, used: _Used) -> None:
    for key, places in _grouped(columns.columns).items():
        first = columns.columns[places[0]]
        amount = used.amount(places)
        estimated = sum(used.estimated[place] for place in places)
        bill.use(key[0], first.period, amount=amount, estimated=estimated, price=first.price)


def _grouped(columns: Sequence[PriceColumn]) -> dict[tuple[str | None, Period | None, Decimal | None], list[int]]:
    """Columns of one version, period and price, over the months, as one line; versions in time order, dear first."""
    groups: dict[tuple[str | None, Period | None, Decimal | None], list[int]] = {}
    for place, column in enumerate(columns):
        version = None if column.tariff is None else column.tariff.version
        groups.setdefault((version, column.period, column.price), []).append(place)
    versions = list(dict.fromkeys(key[0] for key in groups))
    order = list(Period)
    return dict(
        sorted(
            groups.items(),
            key=lambda item: (versions.index(item[0][0]), -1 if item[0][1] is None else order.index(item[0][1])),
        )
    )


def _adders(bill: Bill, columns: PriceColumns, used: _Used) -> None:
    for tariff, _ in columns.months:
        for adder in tariff.adders:
            places = [
                place
                for place, column in enumerate(columns.columns)
                if column.tariff is tariff and adder.period in (None, column.period)
            ]
            if places:
                bill.charge("adder", tariff, adder.id, adder.name, amount=used.amount(places), price=adder.price)


def _tiers(bill: Bill, columns: PriceColumns, used: _Used, used_before: float | None) -> None:
    for found in surcharges(columns, used.amounts, used_before):
        above = f"{found.step.above:g}"
        name = Text(f"超过 {above} 的部分加价", f"surcharge beyond {above}")
        bill.charge("tier", found.tariff, f"above_{above}", name, amount=found.amount, price=found.step.add)
        if found.amount is None:
            bill.say(Text("此前累计用量未知，阶梯加价未计", "what was used before is not known: no tiers reckoned"))


def _fixed(bill: Bill, columns: PriceColumns, share: float | None, quantities: Mapping[str, float]) -> None:
    if share == 0:
        return
    for tariff, months in columns.months:
        for charge in tariff.fixed:
            quantity = quantities.get(charge.id, charge.quantity)
            amount = None if quantity is None or share is None else quantity * share * sum(months.values())
            bill.charge("fixed", tariff, charge.id, charge.name, amount=amount, price=charge.price)
            if quantity is None:
                bill.say(
                    Text(f"{charge.name.zh}的计费数量未知，未计", f"no quantity for {charge.name.en}: not reckoned")
                )
            elif share is None:
                bill.say(
                    Text(
                        f"{charge.name.zh}应分摊的份额未知，未计", f"share of {charge.name.en} not known: not reckoned"
                    )
                )


def _known_sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


__all__ = ["ChargeLine", "Cost", "CostLine", "cost", "cost_of", "yuan"]
