"""What people enter into the account book: facts about meters, offices and money, each with a date it holds from.

Entries are never changed. A wrong one is revoked, with a reason, and a right one entered. Dates are local dates of the
site; a fact that holds from a date holds from that local midnight until the next one of its kind. Times are
microseconds since 1970 UTC. Amounts are in the medium's unit (kWh, m3, GJ).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

Medium = Literal["electricity", "water", "gas", "heat", "oil"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One meter was taken out and another put in its place at `at_us`, or its transformers were changed.

    Attributes:
        meter: id of the place in the site file; it stays the same.
        closing: last value of the old counter, None where nobody read it: its last reading before then counts.
        opening: first value of the new counter, None where nobody read it: its first reading from then on counts.
        factor: what readings from `at_us` on are multiplied by, until the next replacement: the true transformer ratio
            over the one they were stored with; 1.0 when the site file has the right one.
        counter_max: where the new counter starts again at zero, in the medium's unit, None as the profile says.
        serial: the new meter's number, as on its plate.
    """

    meter: str
    at_us: int
    closing: float | None
    opening: float | None
    reason: str
    factor: float = 1.0
    counter_max: float | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualReading:
    """A counter's value as a person read it from its display at `at_us`, in the medium's unit."""

    meter: str
    at_us: int
    value: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a meter is agreed to have counted in [start_us, end_us), whatever its readings say; spread evenly."""

    meter: str
    start_us: int
    end_us: int
    amount: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpVerdict:
    """A person's judgement of a held jump, named by the times of the two readings around it.

    Accepted, it counts like any other rise; rejected, it never does, and what was really used may be entered as a
    correction.
    """

    meter: str
    start_us: int
    end_us: int
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """From `since` on, the office pays `share` (0..1] of what the meter counts beyond its sub-meters.

    All assignments of one meter with the same `since` belong together; they replace those before. Together they are at
    most 1; what is left stays unallocated. One with `office` None and share 1.0 says: nobody's own.
    """

    meter: str
    since: date
    office: str | None
    share: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """From `since` on, so many people use the office, of whom `leaders` are of leader's grade (用能人数)."""

    office: str
    since: date
    people: int
    leaders: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorArea:
    """From `since` on, the office uses so many square metres."""

    office: str
    since: date
    area_m2: float
    reason: str


class QuotaPer(StrEnum):
    """What a quota is multiplied by: nothing, people, people of one grade, square metres."""

    OFFICE = "office"
    HEAD = "head"
    LEADER = "leader"
    STAFF = "staff"
    SQUARE_METRE = "m2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """From `since` on, an office may use `amount` per `per` and period.

    `office` None: every office that has none of its own. `item` None: all items together. `source` is the document.
    """

    office: str | None
    medium: Medium
    item: str | None
    per: QuotaPer
    period: Literal["month", "year"]
    amount: float
    since: date
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffChoice:
    """From `since` on, the medium is paid for by the tariff of that name."""

    medium: Medium
    tariff: str
    since: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyPrice:
    """The price announced for one month (`2026-07`): yuan per unit, before it floats by time of use."""

    tariff: str
    month: str
    price: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChoice:
    """From `since` on, coal and CO2 are reckoned with the factor set of that name."""

    factors: str
    since: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillAmount:
    """What a supplier's bill or a delivery note says was used in a local month (`2026-07`): oil, bottled gas, a water
    bill where there is no meter of our own. `office` None: the whole house. `cost_yuan` None: not on the note.
    """

    office: str | None
    medium: Medium
    fuel: str | None
    month: str
    amount: float
    cost_yuan: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One line of a correction to a closed month: booked in the open month `month`, about the closed month `of_month`.

    A correction is two lines: one takes the old figure off (`kind` reversal, the amount negated), one books the new one
    (`kind` booking). `office` may be `unallocated`.
    """

    month: str
    of_month: str
    office: str
    medium: Medium
    kind: Literal["reversal", "booking"]
    amount: float
    reason: str


Entry = (
    Replacement | ManualReading | Correction | JumpVerdict | Assignment | Headcount | FloorArea | Quota
    | TariffChoice | EnergyPrice | FactorChoice | BillAmount | Posting
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """A local month (`2026-07`) whose figures stand: as they were told, with the names and versions of the tariffs and
    factor sets they were reckoned with. `document` is JSON-able; `sha256` is of its canonical form.
    """

    month: str
    closed_us: int
    by: str
    document: dict[str, object]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterHistory:
    """What people entered about one meter, none of it revoked; each column in time order."""

    replacements: tuple[Replacement, ...] = ()
    readings: tuple[ManualReading, ...] = ()
    corrections: tuple[Correction, ...] = ()
    verdicts: tuple[JumpVerdict, ...] = ()
