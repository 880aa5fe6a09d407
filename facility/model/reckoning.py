"""Entries about how consumption is reckoned."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from facility.model.entry import Entry


class FanWeights(Entry):
    """How much of its capacity an indoor unit gives at each fan speed; `auto` where the unit does not say more."""

    high: float = Field(1.0, gt=0, le=2)
    medium: float = Field(0.8, gt=0, le=2)
    low: float = Field(0.6, gt=0, le=2)
    auto: float = Field(0.8, gt=0, le=2)


class SplitEntry(Entry):
    """How shared air-conditioning is split. `fan_only_divisor`: so much less counts an hour of the fan without the
    compressor. Below `data_limit` (share of the day that is known of a unit) the unit is estimated from its capacity;
    when less than `area_limit` of all units is known, the day is split by area.
    """

    fan_weights: FanWeights = FanWeights()
    fan_only_divisor: float = Field(20.0, ge=1)
    data_limit: float = Field(0.95, ge=0, le=1)
    area_limit: float = Field(0.5, ge=0, le=1)


class AccountingEntry(Entry):
    """How consumption is reckoned.

    `bridge_minutes`: a silence of a meter up to this long is bridged and marked. `public_rooms`: what public rooms use
    is charged to the office that answers for them, or kept apart. `remainder_percent`: when more of a meter than this
    is used behind it unmetered, it is an alarm; None: it never is. `tariffs` names a tariff per medium, `factors` a
    factor set, `item_codes` a code table; shipped ones by name, own ones as a file beside the site file (`./own.yaml`).
    """

    bridge_minutes: float = Field(60.0, ge=0, le=1440)
    public_rooms: Literal["apart", "responsible_office"] = "apart"
    remainder_percent: float | None = Field(None, gt=0, le=100)
    tariffs: dict[Literal["electricity", "water", "gas", "heat", "oil"], str] = Field(default_factory=dict)
    factors: str = "china_2023"
    region: str | None = None
    item_codes: str = "national_2009"
    split: SplitEntry = SplitEntry()
