"""The live board: what the whole building is doing now, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from api.context import ApiContext
from api.services.alarms import AlarmView, seen_alarms
from api.services.decisions import InputView, ReasonView, input_view, reason_view
from api.services.feeds import main_meters, office_meters
from api.services.live import LivePoint, live_point
from api.shapes import Bilingual, Shape
from facility.accounting.metering import Medium, unit_of
from facility.bus.messages import SupplyState
from facility.decisions import Input
from facility.model.entries import Meter
from facility.text import Text

UNIT_KINDS: Final = ("indoor_unit", "kettle")
OTHER: Final = Text("公共与其他", "Shared and other")


class SupplyView(Shape):
    """Whether supply is permitted now; `clause` is that of the decisive reason, None when it rests on none."""

    permitted: bool
    clause: str | None
    quote: str | None
    sentence: Bilingual
    reasons: list[ReasonView]


class Amount(Shape):
    """A number with its unit; None when it is not known."""

    value: float | None
    unit: str
    completeness: float = 1.0


class BoardUnit(Shape):
    """One operable unit. Everything that is not known, or too old, is None.

    `room_temperature_c` is the unit's own, or the room sensor's where the unit has none; `sentence` is the last
    decision's; `reachable` False when its last reading failed or is stale.
    """

    id: str
    kind: str
    name: Bilingual
    spaces: list[Bilingual]
    on: bool | None
    mode: str | None
    setpoint_c: float | None
    room_temperature_c: float | None
    fault: bool | None
    reachable: bool
    sentence: Bilingual | None
    decided: datetime | None


class BoardOffice(Shape):
    """An office with its units. `id` None gathers units of rooms that no office uses or answers for."""

    id: str | None
    name: Bilingual
    power: Amount
    units: list[BoardUnit]
    running: int


class Board(Shape):
    """The building now.

    `outdoor` is the trusted outdoor temperature with its age, None while all sources are stale; `cooling` and `heating`
    are None until the controller has spoken. `power` and `use_today` are the electricity main meters'. `switches` are
    lighting, lifts and what else is only on or off; `running` and `units` do not count them.
    """

    time: datetime
    pace: float
    demo: bool
    site: Bilingual
    outdoor: InputView | None
    cooling: SupplyView | None
    heating: SupplyView | None
    power: Amount
    use_today: Amount
    alarms: list[AlarmView]
    offices: list[BoardOffice]
    switches: list[BoardUnit]
    running: int
    units: int


async def board(context: ApiContext) -> Board:
    """Everything the live board shows, at the clock's time."""
    use = await use_today(context)
    offices = board_offices(context)
    supply = context.latest.supply
    return Board(
        time=context.now(),
        pace=context.clock.pace,
        demo=context.demo,
        site=Bilingual.of(context.site.file.site.name.text),
        outdoor=None if supply is None or supply.outdoor is None else _outdoor(context, supply.outdoor),
        cooling=None if supply is None else supply_view(context, supply.cooling),
        heating=None if supply is None else supply_view(context, supply.heating),
        power=power_now(context, main_meters(context.site, Medium.ELECTRICITY)),
        use_today=use,
        alarms=seen_alarms(context),
        offices=offices,
        switches=[board_unit(context, item) for item in context.site.switches],
        running=sum(office.running for office in offices),
        units=sum(len(office.units) for office in offices),
    )


def _outdoor(context: ApiContext, trusted: Input) -> InputView:
    """What the sensor that the controller trusts says now. The controller speaks when something changes, so its own
    reading may be older; where the sensor says nothing to believe, that reading with its age of now.
    """
    now = _believed(context, trusted.point)
    if now is not None:
        return InputView(point=now.id, value=now.value, source=trusted.source, time=now.time, age_s=now.age_s)
    view = input_view(context, trusted)
    if view.time is None:
        return view
    return view.model_copy(update={"age_s": (context.clock.now() - view.time).total_seconds()})


def supply_view(context: ApiContext, supply: SupplyState) -> SupplyView:
    """Supply as it is told, with the decisive clause."""
    decisive = supply.reasons[0] if supply.reasons else None
    return SupplyView(
        permitted=supply.permitted,
        clause=None if decisive is None else decisive.clause,
        quote=None if decisive is None else decisive.quote,
        sentence=Bilingual.of(supply.sentence),
        reasons=[reason_view(context, reason) for reason in supply.reasons],
    )


def power_now(context: ApiContext, meters: Sequence[Meter]) -> Amount:
    """The power that `meters` measure now, added up; None when none of them can be believed, `completeness` the share
    of them that can.
    """
    readings = [value for meter in meters if (value := _fresh(context, f"{meter.id}.power")) is not None]
    return Amount(
        value=sum(readings) if readings else None,
        unit="kW",
        completeness=len(readings) / len(meters) if meters else 0.0,
    )


async def use_today(context: ApiContext, medium: Medium = Medium.ELECTRICITY) -> Amount:
    """What the main meters counted since local midnight, None when nothing is known."""
    use = await context.today.use(context, medium)
    return Amount(value=use.value, unit=unit_of(medium), completeness=use.completeness)


def board_offices(context: ApiContext) -> list[BoardOffice]:
    """Every office with its units, in the site file's order; units of nobody's rooms last."""
    site = context.site
    grouped: dict[str | None, list[BoardUnit]] = {office: [] for office in site.offices}
    for item in site.of_kind(*UNIT_KINDS):
        grouped.setdefault(site.office_of(item.id), []).append(board_unit(context, item.id))
    return [
        BoardOffice(
            id=office,
            name=Bilingual.of(OTHER if office is None else site.offices[office].name.text),
            power=Amount(value=None, unit="kW", completeness=0.0) if office is None else office_power(context, office),
            units=units,
            running=sum(unit.on is True for unit in units),
        )
        for office, units in grouped.items()
    ]


def office_power(context: ApiContext, office: str) -> Amount:
    """The power of an office's own electricity meters now."""
    return power_now(context, office_meters(context.site, office, Medium.ELECTRICITY))


def board_unit(context: ApiContext, unit: str) -> BoardUnit:
    """One operable unit as it is now."""
    item = context.site.equipment[unit]
    decision = context.latest.decisions.get(unit)
    state = _state(context, f"{unit}.on")
    return BoardUnit(
        id=unit,
        kind=item.kind,
        name=Bilingual.of(item.text),
        spaces=[Bilingual.of(context.site.spaces[space].text) for space in getattr(item, "serves", ())],
        on=None if state is None else state == "on",
        mode=_state(context, f"{unit}.mode"),
        setpoint_c=_fresh(context, f"{unit}.setpoint"),
        room_temperature_c=room_temperature_c(context, unit),
        fault=_fault(context, unit),
        reachable=state is not None,
        sentence=None if decision is None else Bilingual.of(decision.sentence),
        decided=None if decision is None else context.local(decision.time),
    )


def room_temperature_c(context: ApiContext, unit: str) -> float | None:
    """The room's temperature in degrees Celsius: of a room sensor where one speaks, else of the unit itself."""
    for space in getattr(context.site.equipment[unit], "serves", ()):
        for sensor in context.site.sensors_of_space(space, "climate_sensor"):
            value = _fresh(context, f"{sensor.id}.temperature")
            if value is not None:
                return value
    return _fresh(context, f"{unit}.room_temperature")


def _fresh(context: ApiContext, point: str) -> float | None:
    reading = _believed(context, point)
    return None if reading is None else reading.value


def _state(context: ApiContext, point: str) -> str | None:
    reading = _believed(context, point)
    return None if reading is None else reading.state


def _believed(context: ApiContext, point: str) -> LivePoint | None:
    if point not in context.site.points:
        return None
    reading = live_point(context, point)
    return None if reading.stale or reading.quality == "bad" else reading


def _fault(context: ApiContext, unit: str) -> bool | None:
    value = _fresh(context, f"{unit}.fault")
    return None if value is None else value != 0
