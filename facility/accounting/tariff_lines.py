"""The lines of a cost and how they add up: yuan and fen.

A line is rounded once, to the fen, half up; a total is the sum of its lines. Amounts are taken to the sixth decimal
place: below it sums of floats carry noise that must not tip a fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

import numpy as np

from facility.accounting.amounts import Amounts
from facility.accounting.tariffs import Period, Tariff, exact
from facility.text import Text

COMPLETE_FROM: Final = 0.95
"""With good readings for less than this share of the time a cost is not complete, whatever is known."""

Sort = Literal["adder", "tier", "fixed"]

_FEN: Final = Decimal("0.01")
_HOUR_US: Final = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What was used in one period at one price.

    Attributes:
        tariff: the version; None where none holds.
        period: None where no version holds.
        amount: in the medium's unit; None where nothing is known of it.
        estimated: the part of it that was estimated, or shared out by time over a change of price.
        price: yuan per unit; None: not known.
        yuan: rounded to the fen; None where amount or price is.
    """

    tariff: str | None
    period: Period | None
    amount: float | None
    estimated: float
    price: float | None
    yuan: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """An adder, a tier's surcharge or a monthly charge. `amount`: units, or units x months of a monthly charge; None:
    not known. `price` and `yuan` as in a CostLine.
    """

    tariff: str
    id: str
    name: Text
    amount: float | None
    price: float
    yuan: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a use costs.

    Attributes:
        total_yuan: the sum of all lines that have a figure; None where nothing that was used has one.
        complete: False where any use or price is not known or too little was measured: the true cost is another.
        unpriced_amount: what is known to be used but has no price, in the medium's unit.
        unknown_h: hours of which nothing is known.
        completeness: 0..1, share of the time that good readings cover.
        tariffs: the versions it was reckoned with.
        notes: what the figures rest on, for the reader.
    """

    total_yuan: float | None
    complete: bool
    lines: tuple[CostLine, ...]
    adders: tuple[ChargeLine, ...]
    tiers: tuple[ChargeLine, ...]
    fixed: tuple[ChargeLine, ...]
    unpriced_amount: float
    unknown_h: float
    completeness: float
    tariffs: tuple[str, ...]
    notes: tuple[Text, ...]
    currency: str = "CNY"


def yuan(amount: float, price: Decimal) -> Decimal:
    """`amount` units at `price`, to the fen, half up."""
    return (round(exact(amount), 6) * price).quantize(_FEN, ROUND_HALF_UP)


@dataclass(slots=True, kw_only=True)
class Bill:
    """Lines as they are reckoned, and their sum."""

    notes: list[Text]
    lines: list[CostLine] = field(default_factory=list)
    charges: dict[Sort, list[ChargeLine]] = field(default_factory=dict)
    total: Decimal = Decimal(0)

    def use(
        self,
        tariff: str | None,
        period: Period | None,
        *,
        amount: float | None,
        estimated: float,
        price: Decimal | None,
    ) -> None:
        """What was used in one period at one price; None: not known."""
        money = None if amount is None or price is None else yuan(amount, price)
        self.total += money or 0
        self.lines.append(
            CostLine(
                tariff=tariff,
                period=period,
                amount=amount,
                estimated=estimated,
                price=_float(price),
                yuan=_float(money),
            )
        )

    def charge(self, sort: Sort, tariff: Tariff, id_: str, name: Text, *, amount: float | None, price: float) -> None:
        """What is paid beside the price; `amount` None: not known."""
        money = None if amount is None else yuan(amount, exact(price))
        self.total += money or 0
        line = ChargeLine(tariff=tariff.version, id=id_, name=name, amount=amount, price=price, yuan=_float(money))
        self.charges.setdefault(sort, []).append(line)

    def say(self, note: Text) -> None:
        """Something for the reader, once."""
        if note not in self.notes:
            self.notes.append(note)

    def closed(self, tariffs: Sequence[Tariff], amounts: Amounts) -> Cost:
        """The cost of `amounts` by these versions."""
        lengths = np.diff(amounts.edges_us).astype(np.float64)
        unknown_h = float(lengths[~amounts.known].sum() / _HOUR_US)
        completeness = float(np.average(amounts.completeness, weights=lengths))
        charges = [line for lines in self.charges.values() for line in lines]
        has_all = all(
            money is not None for money in [line.yuan for line in self.lines] + [line.yuan for line in charges]
        )
        return Cost(
            total_yuan=float(self.total) if any(line.yuan is not None for line in self.lines) else None,
            complete=has_all and unknown_h == 0 and completeness >= COMPLETE_FROM,
            lines=tuple(self.lines),
            adders=tuple(self.charges.get("adder", ())),
            tiers=tuple(self.charges.get("tier", ())),
            fixed=tuple(self.charges.get("fixed", ())),
            unpriced_amount=sum(line.amount or 0.0 for line in self.lines if line.price is None),
            unknown_h=unknown_h,
            completeness=completeness,
            tariffs=tuple(tariff.version for tariff in tariffs),
            notes=tuple(self.notes),
        )


def _float(money: Decimal | None) -> float | None:
    return None if money is None else float(money)
