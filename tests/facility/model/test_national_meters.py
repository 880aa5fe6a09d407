"""What `houqin check` says about national meters on a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facility.model.loader import Loaded, load_site
from facility.model.problems import Severity
from tests.houqin.operating import write_site
from tests.sites import small_site_data


def meter(device: str, profile: str, address: str | None, link: str = "meters") -> dict[str, Any]:
    entry = {"id": device, "profile": profile, "link": link}
    return entry if address is None else entry | {"address": address}


def loaded(folder: Path, *devices: dict[str, Any]) -> Loaded:
    data = small_site_data()
    data["links"]["ascii"] = {"type": "modbus_ascii_over_tcp", "host": "10.0.0.9", "port": 4001}
    data["links"]["port"] = {"type": "modbus_rtu", "path": "/dev/serial/by-id/adapter", "baudrate": 2400, "parity": "E"}
    data["polls"] = {"fast_s": 2, "normal_s": 30, "slow_s": 120}
    data["devices"] += devices
    return load_site(write_site(folder / "site.yaml", data))


def errors(folder: Path, *devices: dict[str, Any]) -> list[str]:
    return [problem.code for problem in loaded(folder, *devices).problems if problem.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("profile", "address", "code"),
    [
        ("dlt645_single_phase", None, "missing_address"),
        ("dlt645_single_phase", "1234567890123", "address"),
        ("dlt645_single_phase", "AAAAAAAAAAAA", "address"),
        ("cjt188_water_meter", None, "missing_address"),
    ],
)
def test_a_meter_needs_its_number(tmp_path: Path, profile: str, address: str | None, code: str) -> None:
    found = loaded(tmp_path, meter("m", profile, address))
    told = [problem for problem in found.problems if problem.severity is Severity.ERROR]
    assert [problem.code for problem in told] == [code]
    assert told[0].what.zh != told[0].what.en


@pytest.mark.parametrize("address", [12345678, 0])
def test_a_meter_number_without_quotes_is_told_to_get_them_with_its_zeros(tmp_path: Path, address: int) -> None:
    (told,) = loaded(tmp_path, {**meter("m", "dlt645_single_phase", None), "address": address}).errors
    assert told.code == "wrong_type"
    assert told.hint is not None
    assert "引号" in told.hint.zh
    assert "in quotes with all leading zeros" in told.hint.en


def test_what_is_no_number_is_not_told_to_be_quoted(tmp_path: Path) -> None:
    told = loaded(tmp_path, {**meter("m", "dlt645_single_phase", None), "address": True}).errors
    assert [problem.hint for problem in told] == [None]


@pytest.mark.parametrize("link", ["meters", "port"])
def test_national_meters_may_hang_beside_modbus_units(tmp_path: Path, link: str) -> None:
    assert errors(
        tmp_path,
        meter("e1", "dlt645_single_phase", "12345678", link),
        meter("w1", "cjt188_water_meter", "7833001122334F", link),
    ) == []  # fmt: skip


@pytest.mark.parametrize("link", ["plant", "ascii", "sensors"])
def test_lines_that_cannot_carry_national_meters_are_told(tmp_path: Path, link: str) -> None:
    assert errors(tmp_path, meter("e1", "dlt645_single_phase", "12345678", link)) == ["protocol"]


def test_a_number_is_one_meters_whatever_zeros_stand_in_front(tmp_path: Path) -> None:
    found = errors(
        tmp_path,
        meter("e1", "dlt645_single_phase", "12345678"),
        meter("e2", "dlt645_three_phase", "000012345678"),
        meter("e3", "dlt645_three_phase", "12345678", "port"),
        meter("w1", "cjt188_water_meter", "12345678"),
        meter("w2", "cjt188_hot_water_meter", "12345678"),
    )
    assert found == ["duplicate_address"]
