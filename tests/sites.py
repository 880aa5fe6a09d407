"""Small sites for tests."""

from __future__ import annotations

from typing import Any

from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from tests.servers import free_port


def small_site_data(plant_port: int = 1502, meters_port: int = 1503, broker_port: int = 1883) -> dict[str, Any]:
    """Two offices, an archive room, three indoor units behind one gateway, a main meter and two office meters, and
    sensors over MQTT. As a site file would load it.
    """
    return {
        "site": {
            "id": "hq",
            "name": {"zh": "某局机关", "en": "Bureau"},
            "timezone": "Asia/Shanghai",
            "location": {"latitude": 28.23, "longitude": 112.94},
        },
        "weather": {"forecast": [{"provider": "manual"}], "outdoor": ["weather.temperature"], "rain": ["weather.rain"]},
        "buildings": [{"id": "main", "name": {"zh": "办公楼", "en": "Main"}, "floors": [{"id": "f4", "level": 4}]}],
        "offices": [
            {"id": "finance", "name": {"zh": "财务科", "en": "Finance"}, "headcount": 6, "area_m2": 41.0},
            {"id": "general", "name": {"zh": "办公室", "en": "General office"}, "headcount": 8, "area_m2": 60.0},
        ],
        "spaces": [
            {"id": "r401", "floor": "f4", "class": "office", "office": "finance", "area_m2": 41.0},
            {"id": "r402", "floor": "f4", "class": "office", "office": "general", "area_m2": 60.0},
            {"id": "archive", "floor": "f4", "class": "archive", "responsible_office": "general", "area_m2": 30.0},
        ],
        "links": {
            "plant": {"type": "modbus_tcp", "host": "127.0.0.1", "port": plant_port},
            "meters": {"type": "modbus_rtu_over_tcp", "host": "127.0.0.1", "port": meters_port, "baudrate": 9600},
            "sensors": {"type": "mqtt", "host": "127.0.0.1", "port": broker_port},
        },
        "devices": [
            {"id": "vrf-gw", "profile": "coolmasternet", "link": "plant", "unit": 1},
            {"id": "m-main", "profile": "chint_dtsu666", "link": "meters", "unit": 1},
            {"id": "m-401", "profile": "chint_dtsu666", "link": "meters", "unit": 11},
            {"id": "m-402", "profile": "chint_dtsu666", "link": "meters", "unit": 12},
            {"id": "ws", "profile": "mqtt_weather_station", "link": "sensors", "topic": "site/weather"},
            {"id": "th-401", "profile": "mqtt_climate", "link": "sensors", "topic": "site/r401/climate"},
            {"id": "win-401", "profile": "mqtt_window", "link": "sensors", "topic": "site/r401/window"},
            {"id": "occ-401", "profile": "mqtt_occupancy", "link": "sensors", "topic": "site/r401/presence"},
        ],
        "equipment": [
            {"id": "vrf-1", "kind": "outdoor_unit", "plant": "vrf", "capacity_kw": 28.0},
            _unit("ac-401", 0, "r401"),
            _unit("ac-402", 1, "r402"),
            _unit("ac-archive", 2, "archive"),
            {"id": "main-meter", "kind": "electricity_meter", "device": "m-main", "feeds": {"building": "main"}},
            _meter("meter-401", "m-401", "finance"),
            _meter("meter-402", "m-402", "general"),
            {"id": "weather", "kind": "weather_station", "device": "ws"},
            {"id": "climate-401", "kind": "climate_sensor", "device": "th-401", "serves": ["r401"]},
            {"id": "window-401", "kind": "window_contact", "device": "win-401", "serves": ["r401"]},
            {"id": "presence-401", "kind": "occupancy_sensor", "device": "occ-401", "serves": ["r401"]},
        ],
    }  # fmt: skip


def _unit(equipment: str, slot: int, space: str) -> dict[str, Any]:
    return {
        "id": equipment,
        "kind": "indoor_unit",
        "device": "vrf-gw",
        "slot": slot,
        "outdoor_unit": "vrf-1",
        "capacity_kw": 5.6,
        "serves": [space],
    }


def _meter(equipment: str, device: str, office: str) -> dict[str, Any]:
    return {
        "id": equipment,
        "kind": "electricity_meter",
        "device": device,
        "feeds": {"office": office},
        "item": "lighting_sockets",
        "parent": "main-meter",
    }


def small_site(**ports: int) -> Site:
    """The small site, resolved."""
    return build_site(SiteFile.model_validate(small_site_data(**ports)), ProfileLibrary())


def small_site_on(*, broker_port: int, forecast_port: int) -> Site:
    """The small site with its Modbus lines on free ports and a forecast service on `forecast_port`."""
    data = small_site_data(plant_port=free_port(), meters_port=free_port(), broker_port=broker_port)
    data["weather"]["forecast"] = [{"provider": "open_meteo", "url": f"http://127.0.0.1:{forecast_port}"}]
    return build_site(SiteFile.model_validate(data), ProfileLibrary())
