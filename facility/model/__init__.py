"""The building as written down: site, floors, offices, spaces, links, devices, equipment, points."""

from facility.model.entries import (
    Building,
    Device,
    Equipment,
    Floor,
    IndoorUnit,
    Kettle,
    Link,
    Meter,
    Office,
    OutdoorUnit,
    Sensor,
    SiteFile,
    Space,
    VirtualMeter,
    ZoneClass,
)
from facility.model.site import Point, Site, build_site

__all__ = [
    "Building",
    "Device",
    "Equipment",
    "Floor",
    "IndoorUnit",
    "Kettle",
    "Link",
    "Meter",
    "Office",
    "OutdoorUnit",
    "Point",
    "Sensor",
    "Site",
    "SiteFile",
    "Space",
    "VirtualMeter",
    "ZoneClass",
    "build_site",
]
