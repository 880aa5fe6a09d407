"""A site file to begin with, written from what was found on a line."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from facility.model.entries import Link
from facility.profiles.schema import Kind, Profile
from gateway.commissioning.inspection import Inspected
from gateway.commissioning.recognising import Candidate

HEAD: Final = """\
# 由 houqin scan 生成的站点文件草稿：请改写 site、buildings，并为每个装置补上它供给的科室或房间。
# A site file to begin with, made by houqin scan: write your own site and buildings, and say what each equipment feeds.
# houqin check 指出其余缺项 / houqin check names what is missing.
"""
UNKNOWN: Final = "# 未识别 / not recognised: {places}\n"
GATEWAYS: Final = (
    "# 空调网关的内机请按 docs/site-file.md 补写 / indoor units behind AC gateways are for you to write: {devices}\n"
)
PULSES: Final = (
    "# 脉冲计数器须写明每个脉冲的量（per_pulse），见 docs/site-file.md / pulse counters need what one pulse is worth"
    " (per_pulse): {devices}\n"
)
_METERS: Final = (Kind.ELECTRICITY_METER, Kind.WATER_METER, Kind.GAS_METER, Kind.HEAT_METER)


def write_sketch(path: Path, line: str, link: Link, devices: Sequence[Inspected]) -> list[Path]:
    """Writes the site file, and beside it the profiles whose word order had to be turned.

    Returns:
        All files written.

    Raises:
        FileExistsError: one of them is there already; nothing was written.
    """
    files = {path: sketch(line, link, devices)}
    for candidate in _turned(devices):
        name = own_name(candidate)
        files[path.parent / "profiles" / f"{name}.yaml"] = _own_profile(candidate.profile, name)
    taken = [file for file in files if file.exists()]
    if taken:
        raise FileExistsError(", ".join(map(str, taken)))
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(files)


def sketch(line: str, link: Link, devices: Sequence[Inspected]) -> str:
    """The text of the site file."""
    known = [(device, device.best) for device in devices if device.best is not None]
    unknown = [str(device.unit or device.address) for device in devices if device.best is None]
    gateways = [_id(line, device) for device, best in known if best.profile.kind is Kind.AC_GATEWAY]
    meters = [(device, best) for device, best in known if best.profile.kind in _METERS]
    counters = [_id(line, device) for device, best in meters if _counts_pulses(best.profile)]
    data: dict[str, Any] = {
        "site": {
            "id": "my-office",
            "name": {"zh": "某局机关", "en": "My office"},
            "timezone": "Asia/Shanghai",
            "location": {"latitude": 28.23, "longitude": 112.94},
        },
        "weather": {"forecast": [{"provider": "manual"}]},
        "buildings": [
            {"id": "main", "name": {"zh": "办公楼", "en": "Main building"}, "floors": [{"id": "f1", "level": 1}]}
        ],
        "links": {line: link.model_dump(mode="json", exclude_unset=True)},
        "devices": [_device(line, device, best) for device, best in known],
        "equipment": [_equipment(line, device, best) for device, best in meters if not _counts_pulses(best.profile)],
    }
    notes = (UNKNOWN.format(places=", ".join(unknown)) if unknown else "") + (
        GATEWAYS.format(devices=", ".join(gateways)) if gateways else ""
    )
    notes += PULSES.format(devices=", ".join(counters)) if counters else ""
    return HEAD + notes + _yaml(data)


def _counts_pulses(profile: Profile) -> bool:
    """Whether only the person at the meter knows what it counts."""
    return any(point.id == "pulses" for point in profile.points)


def _id(line: str, device: Inspected) -> str:
    return f"{line}-{device.address or device.unit}".lower()


def _device(line: str, device: Inspected, best: Candidate) -> dict[str, Any]:
    place = {"address": device.address} if device.unit is None else {"unit": device.unit}
    return {"id": _id(line, device), "profile": own_name(best), "link": line, **place}


def _equipment(line: str, device: Inspected, best: Candidate) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": f"meter-{_id(line, device)}", "kind": best.profile.kind.value, "device": _id(line, device),
    }  # fmt: skip
    if best.profile.slots is not None:
        entry["slot"] = best.profile.slots.first
    return entry


def own_name(candidate: Candidate) -> str:
    """What the device's profile is called; one of its own where the word order had to be turned."""
    name = candidate.profile.profile
    return name if candidate.order is None else f"{name}_{candidate.order.lower()}"


def _turned(devices: Iterable[Inspected]) -> list[Candidate]:
    found = {own_name(best): best for device in devices if (best := device.best) is not None and best.order is not None}
    return list(found.values())


def _own_profile(profile: Profile, name: str) -> str:
    renamed = profile.model_copy(update={"profile": name})
    return _yaml(renamed.model_dump(mode="json", exclude_unset=True, by_alias=True))


def _yaml(data: Any) -> str:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = None
    yaml.allow_unicode = True
    yaml.width = 200
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    yaml.dump(data, text)
    return text.getvalue()
