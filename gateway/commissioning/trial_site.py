"""A site of one device, so that a profile can be tried on it with the questions that would be asked in earnest."""

from __future__ import annotations

from typing import Any, Final

from facility.model import Site, SiteFile, build_site
from facility.model.entries import Link
from facility.profiles.schema import Kind, Profile

DEVICE: Final = "d"
EQUIPMENT: Final = "e"
LINK: Final = "l"
_AS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.ELECTRICITY_METER: {"kind": "electricity_meter"},
    Kind.WATER_METER: {"kind": "water_meter"},
    Kind.GAS_METER: {"kind": "gas_meter"},
    Kind.HEAT_METER: {"kind": "heat_meter"},
    Kind.AC_GATEWAY: {"kind": "indoor_unit", "outdoor_unit": "o", "capacity_kw": 1.0, "serves": ["r"]},
    Kind.SENSOR: {"kind": "climate_sensor"},
    Kind.RELAY: {"kind": "kettle"},
    Kind.CHILLER: {"kind": "chiller"},
}


def trial_site(profile: Profile, link: Link, *, unit: int | None = None, address: str | None = None) -> Site:
    """A site whose only equipment is the first slot of such a device on `link`."""
    slot = None if profile.slots is None else profile.slots.first
    data = {
        "site": {
            "id": "scan", "name": {"zh": "扫描"}, "timezone": "UTC", "location": {"latitude": 0.0, "longitude": 0.0},
        },
        "buildings": [{"id": "b", "name": {"zh": "b"}, "floors": [{"id": "f", "level": 1}]}],
        "links": {LINK: link},
        "devices": [{"id": DEVICE, "profile": profile.profile, "link": LINK, "unit": unit, "address": address}],
        "equipment": [{"id": EQUIPMENT, "device": DEVICE, "slot": slot, **_AS[profile.kind]}],
    }  # fmt: skip
    return build_site(SiteFile.model_validate(data), {profile.profile: profile})
