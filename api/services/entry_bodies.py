"""What people enter into the account book, as bodies of requests: strict, each with a reason."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.shapes import OneLine, OneLineGiven
from facility.accounting.entries import (
    Assignment,
    BillAmount,
    Correction,
    EnergyPrice,
    Entry,
    FactorChoice,
    FloorArea,
    Headcount,
    JumpVerdict,
    ManualReading,
    Medium,
    Quota,
    QuotaPer,
    Replacement,
    TariffChoice,
)
from facility.readings import to_us

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Item = Literal["lighting_sockets", "air_conditioning", "power", "special"]


def _config(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", strict=True, frozen=True, json_schema_extra={"example": example})


class EntryBody(BaseModel, ABC):
    """What somebody enters, and why. `of` is the meter or office in the address, "" where there is none."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    reason: OneLineGiven

    @abstractmethod
    def entry(self, of: str) -> Entry:
        """The entry of the account book."""


class ReplacementBody(EntryBody):
    """A meter was taken out and another put in its place at `at`, or its transformers were changed.

    `closing` is the old counter's last value, `opening` the new one's first; left out, the readings next to `at` count.
    `factor` is what readings from then on are multiplied by (1.0: the site file has the right transformer ratio),
    `counter_max` where the new counter starts again at zero.
    """

    model_config = _config(
        at="2026-07-15T09:30:00+08:00", closing=48213.6, opening=0.0, serial="20260715-0042", reason="到期轮换"
    )

    at: AwareDatetime
    closing: Number | None = None
    opening: Number | None = None
    factor: Positive = 1.0
    counter_max: Positive | None = None
    serial: Annotated[OneLine, Field(min_length=1)] | None = None

    def entry(self, of: str) -> Replacement:
        """For the meter `of`."""
        return Replacement(
            meter=of,
            at_us=to_us(self.at),
            closing=self.closing,
            opening=self.opening,
            factor=self.factor,
            counter_max=self.counter_max,
            serial=self.serial,
            reason=self.reason,
        )


class ReadingBody(EntryBody):
    """What a person read from the meter's display at `at`, in the medium's unit."""

    model_config = _config(at="2026-07-15T09:30:00+08:00", value=48213.6, reason="月末人工抄表")

    at: AwareDatetime
    value: Number

    def entry(self, of: str) -> ManualReading:
        """For the meter `of`."""
        return ManualReading(meter=of, at_us=to_us(self.at), value=self.value, reason=self.reason)


class CorrectionBody(EntryBody):
    """What the meter is agreed to have counted in [start, end), whatever its readings say."""

    model_config = _config(
        start="2026-07-03T00:00:00+08:00", end="2026-07-05T00:00:00+08:00", amount=118.0, reason="电表故障,按上周同期"
    )

    start: AwareDatetime
    end: AwareDatetime
    amount: Number

    def entry(self, of: str) -> Correction:
        """For the meter `of`."""
        return Correction(
            meter=of, start_us=to_us(self.start), end_us=to_us(self.end), amount=self.amount, reason=self.reason
        )


class JumpBody(EntryBody):
    """Judges a held jump, named by its `start` and `end` as `GET /held-jumps` tells them."""

    model_config = _config(
        start="2026-07-03T10:00:00+08:00", end="2026-07-03T10:05:00+08:00", accepted=False, reason="通信错误"
    )

    start: AwareDatetime
    end: AwareDatetime
    accepted: bool

    def entry(self, of: str) -> JumpVerdict:
        """For the meter `of`."""
        return JumpVerdict(
            meter=of, start_us=to_us(self.start), end_us=to_us(self.end), accepted=self.accepted, reason=self.reason
        )


class AssignmentBody(EntryBody):
    """From `since` on, `office` pays `share` of what the meter counts beyond the meters behind it; `office` null with
    share 1.0: nobody's own. Entries of one meter with the same `since` belong together and replace those before.
    """

    model_config = _config(since="2026-07-01", office="finance", share=0.6, reason="科室调整")

    since: date
    office: Name | None
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0

    def entry(self, of: str) -> Assignment:
        """For the meter `of`."""
        return Assignment(meter=of, since=self.since, office=self.office, share=self.share, reason=self.reason)


class HeadcountBody(EntryBody):
    """From `since` on, so many people use the office, of whom `leaders` are of leader's grade."""

    model_config = _config(since="2026-07-01", people=7, leaders=1, reason="人员调入")

    since: date
    people: Annotated[int, Field(ge=0, le=100_000)]
    leaders: Annotated[int, Field(ge=0, le=100_000)] = 0

    def entry(self, of: str) -> Headcount:
        """For the office `of`."""
        return Headcount(
            office=of, since=self.since, people=self.people, leaders=self.leaders, reason=self.reason
        )  # fmt: skip


class AreaBody(EntryBody):
    """From `since` on, the office uses so many square metres."""

    model_config = _config(since="2026-07-01", area_m2=82.0, reason="办公用房调整")

    since: date
    area_m2: NotNegative

    def entry(self, of: str) -> FloorArea:
        """For the office `of`."""
        return FloorArea(office=of, since=self.since, area_m2=self.area_m2, reason=self.reason)


class QuotaBody(EntryBody):
    """From `since` on, an office may use `amount` per `per` and period. `item` null: all items together. `source` is
    the document that sets it.
    """

    model_config = _config(
        medium="electricity", item=None, per="head", period="month", amount=110.0, since="2026-01-01",
        source="2026 年用能定额通知", reason="年度定额",
    )  # fmt: skip

    medium: Medium
    item: Item | None = None
    per: Literal["office", "head", "leader", "staff", "m2"]
    period: Literal["month", "year"]
    amount: NotNegative
    since: date
    source: OneLineGiven

    def entry(self, of: str) -> Quota:
        """For the office `of`; "": for every office that has none of its own."""
        return Quota(
            office=of or None,
            medium=self.medium,
            item=self.item,
            per=QuotaPer(self.per),
            period=self.period,
            amount=self.amount,
            since=self.since,
            source=self.source,
            reason=self.reason,
        )


class TariffBody(EntryBody):
    """From `since` on, the medium is paid for by the tariff of that name (see `GET /tariffs`)."""

    model_config = _config(medium="electricity", tariff="hunan_2025", since="2026-01-01", reason="电价调整")

    medium: Medium
    tariff: Name
    since: date

    def entry(self, of: str) -> TariffChoice:  # noqa: ARG002 - it is nobody's in particular
        """For the whole site."""
        return TariffChoice(medium=self.medium, tariff=self.tariff, since=self.since, reason=self.reason)


class PriceBody(EntryBody):
    """The price announced for one month: yuan per unit, before it floats by time of use."""

    model_config = _config(tariff="hunan_2025", month="2026-07", price=0.6125, reason="电网企业 7 月代理购电价格公告")

    tariff: Name
    month: Month
    price: NotNegative

    def entry(self, of: str) -> EnergyPrice:  # noqa: ARG002 - it is nobody's in particular
        """For the whole site."""
        return EnergyPrice(tariff=self.tariff, month=self.month, price=self.price, reason=self.reason)


class FactorsBody(EntryBody):
    """From `since` on, coal and CO2 are reckoned with the factor set of that name (see `GET /factors`)."""

    model_config = _config(factors="china_2023", since="2026-01-01", reason="采用最新公告")

    factors: Name
    since: date

    def entry(self, of: str) -> FactorChoice:  # noqa: ARG002 - it is nobody's in particular
        """For the whole site."""
        return FactorChoice(factors=self.factors, since=self.since, reason=self.reason)


class BillBody(EntryBody):
    """What a supplier's bill or a delivery note says was used in a month. `office` null: the whole house; `cost_yuan`
    null: not on the note.
    """

    model_config = _config(
        office=None,
        medium="oil",
        fuel="petrol",
        month="2026-07",
        amount=320.0,
        cost_yuan=2540.0,
        reason="公务车加油汇总",
    )

    office: Name | None = None
    medium: Medium
    fuel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")] | None = None
    month: Month
    amount: NotNegative
    cost_yuan: NotNegative | None = None

    def entry(self, of: str) -> BillAmount:  # noqa: ARG002 - the body names the office
        """For the office that the body names."""
        return BillAmount(
            office=self.office,
            medium=self.medium,
            fuel=self.fuel,
            month=self.month,
            amount=self.amount,
            cost_yuan=self.cost_yuan,
            reason=self.reason,
        )


class ReasonBody(BaseModel):
    """Why something is done."""

    model_config = _config(reason="录入错误")

    reason: OneLineGiven
