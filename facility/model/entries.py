"""The entries of a site file, as pydantic models: unknown keys are errors, values do not change.

References between entries are plain ids here; `facility.model.check` proves that they lead somewhere and
`facility.model.site` resolves them.
"""

from __future__ import annotations

from pydantic import Field

from facility.model.alarm_entries import AlarmsEntry, NotifyEntry
from facility.model.almanac_entries import AlmanacEntry
from facility.model.broker_entries import MqttLink
from facility.model.clock_entries import ClockEntry
from facility.model.conduct import CalendarDay, ClassPolicy, ForecastEntry, PolicyEntry, WeatherEntry
from facility.model.control_entries import ControlEntry
from facility.model.entry import Entry, EquipmentBase, Names, PointId, Slug
from facility.model.equipment import (
    Equipment,
    Feeds,
    IndoorUnit,
    Item,
    Kettle,
    Meter,
    OutdoorUnit,
    Sensor,
    SensorKind,
    SplitMethod,
    SubItem,
    VirtualMember,
    VirtualMeter,
)
from facility.model.filing_entries import FilingsEntry
from facility.model.keeping import JournalEntry, PollsEntry, RetentionEntry, StoreEntry
from facility.model.lines import (
    Device,
    FieldLink,
    Link,
    ModbusAsciiLink,
    ModbusAsciiOverTcpLink,
    ModbusLink,
    ModbusRtuLink,
    ModbusRtuOverTcpLink,
    ModbusTcpLink,
    SerialLink,
    SerialOverTcpLink,
    SerialSettings,
)
from facility.model.observance_entries import HeaterEntry, ObservanceEntry, StandbyEntry
from facility.model.places import Building, Floor, Location, Office, Quota, SiteHead, Space, ZoneClass
from facility.model.publish_entries import PublishEntry
from facility.model.reckoning import AccountingEntry, FanWeights, SplitEntry
from facility.model.switching import PlantOrder, Switch, SwitchKind

__all__ = [
    "AccountingEntry",
    "AlarmsEntry",
    "AlmanacEntry",
    "Building",
    "CalendarDay",
    "ClassPolicy",
    "ClockEntry",
    "ControlEntry",
    "Device",
    "Entry",
    "Equipment",
    "EquipmentBase",
    "FanWeights",
    "Feeds",
    "FieldLink",
    "FilingsEntry",
    "Floor",
    "ForecastEntry",
    "HeaterEntry",
    "IndoorUnit",
    "Item",
    "JournalEntry",
    "Kettle",
    "Link",
    "Location",
    "Meter",
    "ModbusAsciiLink",
    "ModbusAsciiOverTcpLink",
    "ModbusLink",
    "ModbusRtuLink",
    "ModbusRtuOverTcpLink",
    "ModbusTcpLink",
    "MqttLink",
    "Names",
    "NotifyEntry",
    "ObservanceEntry",
    "Office",
    "OutdoorUnit",
    "PlantOrder",
    "PointId",
    "PolicyEntry",
    "PollsEntry",
    "PublishEntry",
    "Quota",
    "RetentionEntry",
    "Sensor",
    "SensorKind",
    "SerialLink",
    "SerialOverTcpLink",
    "SerialSettings",
    "SiteFile",
    "SiteHead",
    "Slug",
    "Space",
    "SplitEntry",
    "SplitMethod",
    "StandbyEntry",
    "StoreEntry",
    "SubItem",
    "Switch",
    "SwitchKind",
    "VirtualMember",
    "VirtualMeter",
    "WeatherEntry",
    "ZoneClass",
]


class SiteFile(Entry):
    """A whole site file after its templates are expanded."""

    site: SiteHead
    policy: PolicyEntry = PolicyEntry()
    weather: WeatherEntry = WeatherEntry()
    calendar: tuple[CalendarDay, ...] = ()
    almanac: AlmanacEntry = AlmanacEntry()
    filings: FilingsEntry = FilingsEntry()
    control: ControlEntry = ControlEntry()
    alarms: AlarmsEntry = AlarmsEntry()
    notify: NotifyEntry = NotifyEntry()
    observance: ObservanceEntry = ObservanceEntry()
    polls: PollsEntry = PollsEntry()
    clock: ClockEntry = ClockEntry()
    publish: PublishEntry = PublishEntry()
    store: StoreEntry = StoreEntry()
    journal: JournalEntry = JournalEntry()
    accounting: AccountingEntry = AccountingEntry()
    buildings: tuple[Building, ...] = Field(min_length=1)
    offices: tuple[Office, ...] = ()
    spaces: tuple[Space, ...] = ()
    links: dict[Slug, Link] = Field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    equipment: tuple[Equipment, ...] = ()
