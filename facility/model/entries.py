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
    """An indoor unit of a central air-conditioning system. `capacity_kw` is rated cooling, thermal kW."""

    kind: Literal["indoor_unit"]
    device: Slug
    outdoor_unit: Slug
    capacity_kw: float = Field(gt=0)
    serves: tuple[Slug, ...] = Field(min_length=1)


class OutdoorUnit(EquipmentBase):
    """The outdoor unit (or plant) that indoor units hang on. Never power-switched by Houqin. `meter` measures it."""

    kind: Literal["outdoor_unit"]
    plant: Literal["vrf"] = "vrf"
    capacity_kw: float | None = Field(None, gt=0)
    meter: Slug | None = None


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
    the circuit can carry; a faster counter is not believed.
    """

    kind: Literal["electricity_meter", "water_meter", "gas_meter", "heat_meter"]
    device: Slug
    feeds: Feeds = Feeds()
    item: Item | None = None
    parent: Slug | None = None
    max_power_kw: float | None = Field(None, gt=0)


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


Equipment = Annotated[IndoorUnit | OutdoorUnit | Meter | Sensor | Kettle, Field(discriminator="kind")]


class SiteFile(Entry):
    """A whole site file after its templates are expanded."""

    site: SiteHead
    policy: PolicyEntry = PolicyEntry()
    weather: WeatherEntry = WeatherEntry()
    calendar: tuple[CalendarDay, ...] = ()
    polls: PollsEntry = PollsEntry()
    store: StoreEntry = StoreEntry()
    journal: JournalEntry = JournalEntry()
    buildings: tuple[Building, ...] = Field(min_length=1)
    offices: tuple[Office, ...] = ()
    spaces: tuple[Space, ...] = ()
    links: dict[Slug, Link] = Field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    equipment: tuple[Equipment, ...] = ()
