"""A small site with lights, lifts and meters, and a desk that tests set the time and the readings of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from controller.arbitration import EMPTY, PriorityArray, Proposal, Slot
from controller.policy import SitePolicy, check_policy, load_policy
from controller.policy.facts import ForecastIssue, Signal, Sky, SupplyMemory, Weather
from controller.policy.rules.effects import Effects
from controller.policy.switches import Operation, SwitchFacts, SwitchMemory, decide_switch
from controller.policy.timetable import DayPlan, plan_day
from controller.policy.units import UnitVerdict
from controller.rule_desk import RuleDesk
from facility.bus.messages import ReminderGiven
from facility.calendar import Calendar
from facility.commands import Wish
from facility.model import Site, SiteFile, build_site
from facility.model.entries import ZoneClass
from facility.profiles import ProfileLibrary
from facility.readings import Status, to_us
from facility.text import Text
from tests.controller.building import WEDNESDAY, local
from tests.sites import small_site_data

ZONE = ZoneInfo("Asia/Shanghai")
PLACE = (28.23, 112.94)
LIBRARY = ProfileLibrary()
QUOTE = {"document": "《本站办法》", "article": "一", "quote": "人走灯灭。", "reading": "Lights off when people leave."}


def house_data(policy: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The small site, with switched equipment."""
    data = small_site_data()
    data["spaces"].append({"id": "hall", "floor": "f4", "class": "public", "responsible_office": "general"})
    data["devices"] += [
        {"id": "relay-1", "profile": "waveshare_relay", "link": "meters", "unit": 40},
        {"id": "relay-2", "profile": "waveshare_relay_lift", "link": "meters", "unit": 41},
        {"id": "lx-401", "profile": "mqtt_illuminance", "link": "sensors", "topic": "site/r401/light"},
        {"id": "th-archive", "profile": "mqtt_climate", "link": "sensors", "topic": "site/archive/climate"},
    ]
    data["equipment"] += [
        {"id": "lights-401", "kind": "lighting", "device": "relay-1", "slot": 0, "serves": ["r401"]},
        {"id": "lights-hall", "kind": "lighting", "device": "relay-1", "slot": 1, "serves": ["hall"]},
        {"id": "landscape", "kind": "landscape_lighting", "device": "relay-1", "slot": 2},
        {"id": "dryer", "kind": "dehumidifier", "device": "relay-1", "slot": 3, "serves": ["archive"]},
        {"id": "lift-1", "kind": "lift", "device": "relay-2", "slot": 0,
         "operation": ["lift-1.fire", "lift-1.inspection"]},
        {"id": "lift-2", "kind": "lift", "device": "relay-2", "slot": 1,
         "operation": ["lift-2.fire", "lift-2.inspection"]},
        {"id": "lux-401", "kind": "illuminance_sensor", "device": "lx-401", "serves": ["r401"]},
        {"id": "climate-archive", "kind": "climate_sensor", "device": "th-archive", "serves": ["archive"]},
    ]  # fmt: skip
    data["policy"] = dict(policy or {})
    return data


def house(policy: Mapping[str, Any] | None = None) -> Site:
    """The site, resolved."""
    return build_site(SiteFile.model_validate(house_data(policy)), LIBRARY)


def rule(**values: Any) -> dict[str, Any]:
    """An own rule with what every rule needs."""
    own = {"id": "own", "name": {"zh": "自定", "en": "Own"}, "clause": "OWN-01", "quote": QUOTE}
    return {**own, "effect": "forbid", **values}


def told(policy: Mapping[str, Any], *, severity: str | None = None) -> list[str]:
    """What is wrong with a policy, as `path: english`."""
    site = house(policy)
    problems = check_policy(site.file, site, today=WEDNESDAY)
    assert all(problem.what.zh != problem.what.en for problem in problems)
    return [str(problem) for problem in problems if severity in (None, problem.severity)]


class Desk:
    """The rules of the site at work. `weather` and `supply` are what a test sets; `read` says what sensors say."""

    def __init__(self, policy: Mapping[str, Any], start: str = "09:00", day: date = WEDNESDAY) -> None:
        self.site = house(policy)
        self.policy: SitePolicy = load_policy(self.site.file, self.site)
        self.rules = RuleDesk(self.site, self.policy)
        self.taps = self.rules.taps()
        self.now = local(start, day)
        self.weather = Weather()
        self.supply: dict[ZoneClass, SupplyMemory] = {}
        self.switches: dict[str, SwitchMemory] = {}
        self.changed: set[str] = set()
        self.given: list[ReminderGiven] = []
        self._plans: dict[date, dict[ZoneClass, DayPlan]] = {}

    def plans(self) -> dict[ZoneClass, DayPlan]:
        """Today's plans."""
        day = self.now.astimezone(ZONE).date()
        if day not in self._plans:
            self._plans[day] = {
                zone_class: plan_day(
                    Calendar(), day, ZONE, self.policy.of_class(zone_class).parameters.window,
                    permit_at=self.policy.parameters.permit_at, place=PLACE,
                )
                for zone_class in ZoneClass
            }  # fmt: skip
        return self._plans[day]

    def read(self, **values: float) -> None:
        """Sensors speak: points with `__` for the dot and `_` for the hyphen of the equipment."""
        for name, value in values.items():
            equipment, _, point = name.partition("__")
            self.say(f"{equipment.replace('_', '-')}.{point}", value)

    def say(self, point: str, value: float) -> None:
        """One point speaks, where any rule listens to it."""
        tap = self.taps.get(point)
        if tap is not None:
            tap(to_us(self.now), value, Status.GOOD)

    def sky(self, *, outdoor_c: float | None = None, rain: bool | None = None, cloud: float | None = None) -> None:
        """The weather changes."""
        self.weather = Weather(outdoor=Signal(value_c=outdoor_c), sky=Sky(rain=rain, cloud_percent=cloud))

    def forecast(self, max_c: float) -> None:
        """A forecast for today comes in."""
        day = self.now.astimezone(ZONE).date()
        issue = ForecastIssue(provider="p", issued=self.now, fetched=self.now, daily_max_c={day: max_c})
        self.weather = Weather(outdoor=self.weather.outdoor, sky=self.weather.sky, forecasts=(issue,))

    def step(self) -> set[str]:
        """The rules look now."""
        self.changed = self.rules.step(self.now, plans=self.plans(), weather=self.weather, supply=self.supply)
        self.given += self.rules.reminders(self.now)
        return self.changed

    def after(self, seconds: float, **values: float) -> Desk:
        """Time goes on, every wake on the way is kept, sensors speak at its end."""
        end = self.now + timedelta(seconds=seconds)
        self.step()
        while (wake := min(self.rules.wakes(self.now), default=end)) < end:
            self.now = wake
            self.step()
        self.now = end
        self.read(**values)
        self.step()
        return self

    def until(self, clock: str, day: date | None = None, **values: float) -> Desk:
        """On to a time of day."""
        end = local(clock, day or self.now.astimezone(ZONE).date())
        return self.after((end - self.now).total_seconds(), **values)

    def effects(self, equipment: str, *, filed: bool = False) -> Effects:
        """What holds for an equipment."""
        return self.rules.effects(equipment, filed=filed)

    def verdict(
        self,
        equipment: str,
        *,
        on: bool | None = True,
        operation: Operation | None = None,
        array: PriorityArray = EMPTY,
        filed: bool = False,
    ) -> UnitVerdict:
        """The verdict on switched equipment that is `on`."""
        zone_class = ZoneClass.PUBLIC
        facts = SwitchFacts(on=on, fresh=True, operation=operation, operation_point=f"{equipment}.fire", array=array)
        memory = self.switches.get(equipment, SwitchMemory())
        found, self.switches[equipment] = decide_switch(
            self.policy.of_class(zone_class), facts, memory, self.now, self.effects(equipment, filed=filed)
        )
        return found

    def wants(self, equipment: str, **facts: Any) -> bool | None:
        """Whether the equipment is wanted on."""
        return self.verdict(equipment, **facts).wanted.on

    def said(self) -> list[str]:
        """The reminders so far, as `rule:subject`."""
        return [reminder.key.rpartition(":")[0] for reminder in self.given]


def person(wish: Wish, until: datetime | None = None) -> PriorityArray:
    """A person's wish."""
    return PriorityArray((Proposal(slot=Slot.PERSON, wish=wish, who="值班员", until=until),))


def words(text: Text) -> str:
    """Both halves, for looking into."""
    return f"{text.zh} | {text.en}"
