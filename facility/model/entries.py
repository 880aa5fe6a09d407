"""The entries of a site file, as pydantic models: unknown keys are errors, values do not change.

References between entries are plain ids here; `facility.model.check` proves that they lead somewhere and
`facility.model.site` resolves them.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from facility.text import Text

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
PointId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.[a-z][a-z0-9_]*$")]


class Entry(BaseModel):
    """Strict and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Entry):
    """A name in Chinese and English; English falls back to Chinese."""

    zh: str = Field(min_length=1)
    en: str | None = None

    @property
    def text(self) -> Text:
        """As a Text."""
        return Text(self.zh, self.en if self.en is not None else self.zh)


class Location(Entry):
    """Degrees, north and east positive (WGS 84)."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class SiteHead(Entry):
    """The site itself. `public_read` opens reading to everybody on the network."""

    id: Slug
    name: Names
    timezone: str
    location: Location
    public_read: bool = False

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        from zoneinfo import available_timezones

        if value not in available_timezones():
            raise ValueError(f"{value!r} is not a time zone of the IANA database; expected for example 'Asia/Shanghai'")
        return value


class ZoneClass(StrEnum):
    """How the rules treat a space; see docs/control.md for the table."""

    OFFICE = "office"
    MEETING = "meeting"
    PUBLIC = "public"
    DUTY_ROOM = "duty_room"
    ARCHIVE = "archive"
    SERVER_ROOM = "server_room"


class ClassPolicy(Entry):
    """Another preset, or other parameters, for one zone class."""

    preset: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    start: Literal["auto", "permit_only"] | None = None


class PolicyEntry(Entry):
    """Which rules hold. Parameters are checked by the controller's policy, which knows their names."""

    preset: str = "hunan_bureau_2022"
    parameters: dict[str, Any] = Field(default_factory=dict)
    zone_classes: dict[ZoneClass, ClassPolicy] = Field(default_factory=dict)


class ForecastEntry(Entry):
    """A forecast provider, in fail-over order. `url` is the base address of `open_meteo`; `manual` has none."""

    provider: Literal["open_meteo", "manual"]
    url: str | None = Field(None, pattern=r"^https?://")


class WeatherEntry(Entry):
    """Where weather comes from: forecast providers in order of trust, outdoor sensors (points), rain sensors."""

    forecast: tuple[ForecastEntry, ...] = (ForecastEntry(provider="manual"),)
    outdoor: tuple[PointId, ...] = ()
    rain: tuple[PointId, ...] = ()


class CalendarDay(Entry):
    """A day that differs from the announced calendar, with the notice that says so."""

    day: date
    kind: Literal["workday", "rest"]
    notice: str = Field(min_length=1)


class PollsEntry(Entry):
    """Poll periods in seconds for the poll classes of the profiles."""

    fast_s: float = Field(2.0, ge=0.2, le=3600)
    normal_s: float = Field(10.0, ge=0.2, le=3600)
    slow_s: float = Field(60.0, ge=0.2, le=3600)


class RetentionEntry(Entry):
    """How many days readings are kept as they were taken, per class of point; None: for ever. Quarter-hour figures made
    of them (mean, extremes, last, coverage) are kept for ever.
    """

    counters_days: int | None = Field(None, ge=31)
    states_days: int | None = Field(None, ge=31)
    measurements_days: int | None = Field(None, ge=31)


class StoreEntry(Entry):
    """Which time-series engine. `embedded` needs nothing, and alone knows `retention`: servers have their own.
    `influxdb`: `url`, `database` (bucket), `token_env` names the environment variable that holds the token.
    `victoriametrics`: `url` (of a cluster: the base address of the tenant), `token_env` where a proxy asks for one.
    """

    engine: Literal["embedded", "influxdb", "victoriametrics"] = "embedded"
    url: str | None = Field(None, pattern=r"^https?://")
    database: str | None = None
    organisation: str | None = None
    token_env: str | None = None
    retention: RetentionEntry = RetentionEntry()


class JournalEntry(Entry):
    """Where records are kept: a SQLite file under the data folder, or the PostgreSQL database whose address
    (`postgresql+psycopg://user:password@host/name`) the environment variable `url_env` holds.
    """

    url_env: str | None = None


class Floor(Entry):
    """A storey; `level` counts from 1, negative below ground."""

    id: Slug
    level: int
    name: Names | None = None

    @property
    def text(self) -> Text:
        """Its name, or one made from its level."""
        return self.name.text if self.name else Text(f"{self.level} 楼", f"Floor {self.level}")


class Building(Entry):
    """A building and its floors."""

    id: Slug
    name: Names
    floors: tuple[Floor, ...] = Field(min_length=1)


class Quota(Entry):
    """Yearly and monthly allowances; None where none is set."""

    electricity_kwh_per_head_month: float | None = Field(None, ge=0)


class Office(Entry):
    """A section of the organisation: what consumption is charged to. `responsible` is a role name, not a person."""

    id: Slug
    name: Names
    headcount: int | None = Field(None, ge=0)
    area_m2: float | None = Field(None, gt=0)
    responsible: str | None = None
    quota: Quota = Quota()


class Space(Entry):
    """A room. `office` uses it; `responsible_office` answers for a public one (AC-14)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: Slug
    floor: Slug
    zone_class: ZoneClass = Field(alias="class")
    name: Names | None = None
    office: Slug | None = None
    responsible_office: Slug | None = None
    area_m2: float | None = Field(None, gt=0)

    @property
    def text(self) -> Text:
        """Its name, or its id."""
        return self.name.text if self.name else Text(self.id, self.id)


class ModbusTcpLink(Entry):
    """Modbus/TCP: one connection, shared by all its units."""

    type: Literal["modbus_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(502, ge=1, le=65535)
    timeout_ms: int | None = Field(None, gt=0)


class ModbusRtuOverTcpLink(Entry):
    """A serial server or transparent DTU: RTU frames over a TCP stream, one transaction at a time."""

    type: Literal["modbus_rtu_over_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    baudrate: int = Field(9600, ge=300)
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    timeout_ms: int | None = Field(None, gt=0)


class MqttLink(Entry):
    """An MQTT broker. `embedded`: `houqin simulate` and `houqin demo` start it themselves. User name and password are
    read from the environment variables named, never written here.
    """

    type: Literal["mqtt"]
    host: str = Field(min_length=1)
    port: int = Field(1883, ge=1, le=65535)
    version: Literal["3.1.1", "5"] = "3.1.1"
    embedded: bool = False
    client_id: str | None = None
    username_env: str | None = None
    password_env: str | None = None


Link = Annotated[ModbusTcpLink | ModbusRtuOverTcpLink | MqttLink, Field(discriminator="type")]


class Device(Entry):
    """Something with an address on a link. `unit` for Modbus, `topic` for MQTT. Ratios multiply secondary values."""

    id: Slug
    profile: str
    link: Slug
    unit: int | None = Field(None, ge=0, le=247)
    topic: str | None = Field(None, min_length=1)
    ct_ratio: float = Field(1.0, gt=0)
    pt_ratio: float = Field(1.0, gt=0)
    cabinet: str | None = None


class EquipmentBase(Entry):
    """What all equipment has. `slot` is the unit's number at a gateway that hosts many."""

    id: Slug
    name: Names | None = None
    device: Slug | None = None
    slot: int | None = Field(None, ge=0)

    @property
    def text(self) -> Text:
        """Its name, or its id."""
        return self.name.text if self.name else Text(self.id, self.id)


class IndoorUnit(EquipmentBase):
    """An indoor unit of a central air-conditioning system. `capacity_kw` is rated cooling, thermal kW. `heat_meter`
    counts what it takes from the water, where there is one (split by heat).
    """

    kind: Literal["indoor_unit"]
    device: Slug
    outdoor_unit: Slug
    capacity_kw: float = Field(gt=0)
    serves: tuple[Slug, ...] = Field(min_length=1)
    heat_meter: Slug | None = None


SplitMethod = Literal["time_capacity", "valve", "heat", "area", "none"]
"""How the electricity of an outdoor unit is shared out: running time x capacity x fan weight (F1), opening of the
expansion valves (F3), heat meters (F4), floor area (F5), or not at all.
"""


class OutdoorUnit(EquipmentBase):
    """The outdoor unit (or plant) that indoor units hang on. Never power-switched by Houqin. `meter` measures it; what
    it counts is shared out to the indoor units by the method `split`; `standby_kw` of it (crankcase heaters, standby)
    by capacity, whoever ran.
    """

    kind: Literal["outdoor_unit"]
    plant: Literal["vrf"] = "vrf"
    capacity_kw: float | None = Field(None, gt=0)
    meter: Slug | None = None
    split: SplitMethod = "time_capacity"
    standby_kw: float = Field(0.0, ge=0)


class Feeds(Entry):
    """What a meter measures: exactly one of these."""

    office: Slug | None = None
    space: Slug | None = None
    building: Slug | None = None
    equipment: Slug | None = None

    @property
    def target(self) -> tuple[str, str] | None:
        """(kind, id) of what is fed, None when nothing is named."""
        for kind in ("office", "space", "building", "equipment"):
            value = getattr(self, kind)
            if value is not None:
                return kind, value
        return None


Item = Literal["lighting_sockets", "air_conditioning", "power", "special"]
"""The four items of the national guideline: 照明插座, 空调, 动力, 特殊 (DEVICES 2.1)."""


class Meter(EquipmentBase):
    """A meter. `parent` is the meter upstream; an electricity meter without one is a main meter. `max_power_kw` is what
    the circuit can carry (kW; of a water or gas meter `max_flow_m3_h`); a faster counter is not believed.
    `bidirectional`: its counter may run backwards. `per_pulse`: what one count of its pulse input stands for, in the
    medium's unit, where it has no register of its own.
    """

    kind: Literal["electricity_meter", "water_meter", "gas_meter", "heat_meter"]
    device: Slug
    feeds: Feeds = Feeds()
    item: Item | None = None
    parent: Slug | None = None
    max_power_kw: float | None = Field(None, gt=0)
    max_flow_m3_h: float | None = Field(None, gt=0)
    bidirectional: bool = False
    per_pulse: float | None = Field(None, gt=0)


class VirtualMember(Entry):
    """A meter that a virtual meter is made of: `percent` of what it counts is added, taken off where negative."""

    meter: Slug
    percent: float = Field(100.0, ge=-1000, le=1000)


class VirtualMeter(EquipmentBase):
    """A meter that is reckoned: the sum of its members, which are meters (or virtual meters) of one medium. Like a
    meter it feeds something and has a place in the tree.
    """

    kind: Literal["virtual_meter"]
    members: tuple[VirtualMember, ...] = Field(min_length=1)
    feeds: Feeds = Feeds()
    item: Item | None = None
    parent: Slug | None = None


class Sensor(EquipmentBase):
    """A sensor that serves rooms, or the outdoor weather station."""

    kind: Literal["climate_sensor", "window_contact", "occupancy_sensor", "weather_station"]
    device: Slug
    serves: tuple[Slug, ...] = ()


class Kettle(EquipmentBase):
    """A drinking-water boiler on a relay (`device`, `slot`). `meter` tells when it has boiled, `level` is the point
    of a low-water sensor.
    """

    kind: Literal["kettle"]
    device: Slug
    meter: Slug | None = None
    level: PointId | None = None
    serves: tuple[Slug, ...] = ()


Equipment = Annotated[IndoorUnit | OutdoorUnit | Meter | VirtualMeter | Sensor | Kettle, Field(discriminator="kind")]


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


class SiteFile(Entry):
    """A whole site file after its templates are expanded."""

    site: SiteHead
    policy: PolicyEntry = PolicyEntry()
    weather: WeatherEntry = WeatherEntry()
    calendar: tuple[CalendarDay, ...] = ()
    polls: PollsEntry = PollsEntry()
    store: StoreEntry = StoreEntry()
    journal: JournalEntry = JournalEntry()
    accounting: AccountingEntry = AccountingEntry()
    buildings: tuple[Building, ...] = Field(min_length=1)
    offices: tuple[Office, ...] = ()
    spaces: tuple[Space, ...] = ()
    links: dict[Slug, Link] = Field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    equipment: tuple[Equipment, ...] = ()
