"""Entries for tests: one of each kind and their borderline cases."""

from __future__ import annotations

from datetime import date

from facility.accounting.entries import (
    Assignment,
    BillAmount,
    ClosedMonth,
    Correction,
    EnergyPrice,
    Entry,
    FactorChoice,
    FloorArea,
    Headcount,
    JumpVerdict,
    ManualReading,
    Posting,
    Quota,
    QuotaPer,
    Replacement,
    TariffChoice,
)
from facility.journal.closing import sha256_of
from facility.readings import to_us
from tests.facility.journal.test_journal import NOON

DAY = date(2026, 7, 1)
AT_US = to_us(NOON)

REPLACEMENT = Replacement(meter="m-1", at_us=AT_US, closing=None, opening=0.0, reason="电表到期")
READING = ManualReading(meter="m-1", at_us=AT_US, value=0.0, reason="monthly round")
CORRECTION = Correction(meter="m-1", start_us=AT_US, end_us=AT_US + 10, amount=0.0, reason="agreed")
VERDICT = JumpVerdict(meter="m-1", start_us=AT_US, end_us=AT_US + 10, accepted=False, reason="glitch")
ASSIGNMENT = Assignment(meter="m-1", since=DAY, office="finance", share=0.5, reason="moved in")
HEADCOUNT = Headcount(office="finance", since=DAY, people=12, leaders=2, reason="staff list")
AREA = FloorArea(office="finance", since=DAY, area_m2=86.5, reason="plan")
QUOTA = Quota(
    office=None, medium="electricity", item=None, per=QuotaPer.LEADER, period="year", amount=0.1 + 0.2, since=DAY,
    source="DB43/T 612", reason="yearly plan",
)  # fmt: skip
TARIFF = TariffChoice(medium="electricity", tariff="hunan", since=DAY, reason="contract")
PRICE = EnergyPrice(tariff="hunan", month="2026-07", price=0.6, reason="announced")
FACTORS = FactorChoice(factors="national-2024", since=DAY, reason="notice")
BILL = BillAmount(
    office=None, medium="oil", fuel="diesel", month="2026-07", amount=0.0, cost_yuan=None, reason="delivery note"
)
POSTING = Posting(
    month="2026-08", of_month="2026-07", office="unallocated", medium="water", kind="reversal", amount=-1.5,
    reason="late reading",
)  # fmt: skip

LEDGER: tuple[Entry, ...] = (
    REPLACEMENT, READING, CORRECTION, VERDICT, ASSIGNMENT, HEADCOUNT, AREA, QUOTA, TARIFF, PRICE, FACTORS, BILL, POSTING
)  # fmt: skip

BORDERLINE: tuple[Entry, ...] = (
    Replacement(
        meter="m-1", at_us=0, closing=99.75, opening=None, reason="r", factor=1.25, counter_max=1e6, serial="№ 7"
    ),
    Correction(meter="m-1", start_us=0, end_us=1, amount=-3.25, reason="r"),
    JumpVerdict(meter="m-1", start_us=0, end_us=1, accepted=True, reason="r"),
    Assignment(meter="m-1", since=DAY, office=None, share=1.0, reason="r"),
    Assignment(meter="m-1", since=date(1, 1, 1), office="finance", share=1e-9, reason="r"),
    Headcount(office="finance", since=DAY, people=0, leaders=0, reason="r"),
    Headcount(office="finance", since=DAY, people=3, leaders=3, reason="r"),
    FloorArea(office="finance", since=date(9999, 12, 31), area_m2=0.0, reason="r"),
    Quota(
        office="finance", medium="gas", item="hvac", per=QuotaPer.OFFICE, period="month", amount=0.0, since=DAY,
        source="s", reason="r",
    ),
    EnergyPrice(tariff="hunan", month="0001-12", price=0.0, reason="r"),
    BillAmount(office="finance", medium="oil", fuel=None, month="2026-07", amount=1.5, cost_yuan=0.0, reason="r"),
)  # fmt: skip


def closed(month: str, **document: object) -> ClosedMonth:
    """A month as the book closes it."""
    return ClosedMonth(
        month=month, closed_us=AT_US, by="office-admin", document=document, sha256=sha256_of(document)
    )  # fmt: skip
