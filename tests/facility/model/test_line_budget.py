"""The time that a line needs for its polls, reckoned by hand, and what `houqin check` says when it has not got it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from facility.model.line_budget import LineBudget, budget_of
from facility.model.loader import Loaded, load_site
from facility.model.problems import Severity
from facility.profiles import ProfileLibrary
from facility.profiles.schema import PollClass

PROFILES = Path(__file__).parent / "profiles"
FRAME = """
site: {id: hq, name: {zh: 局}, timezone: Asia/Shanghai, location: {latitude: 28, longitude: 112}}
buildings: [{id: main, name: {zh: 楼}, floors: [{id: f1, level: 1}]}]
"""
RTU = "type: modbus_rtu, path: /dev/ttyS0"


def loaded(tmp_path: Path, link: str, devices: list[str], polls: str = "fast_s: 2") -> Loaded:
    """A site with one line; `devices` as `profile, key: value`, one meter each."""
    entries = [f"  - {{id: m-{place}, link: line, profile: {device}}}" for place, device in enumerate(devices)]
    meters = [f"  - {{id: meter-{place}, kind: {_kind(d)}, device: m-{place}}}" for place, d in enumerate(devices)]
    lists = ["devices:", *entries, "equipment:", *meters] if devices else []
    text = "\n".join([FRAME, f"polls: {{{polls}}}", f"links: {{line: {{{link}}}}}", *lists])
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return load_site(path, library=_library())


@lru_cache(maxsize=1)
def _library() -> ProfileLibrary:
    return ProfileLibrary(PROFILES)


def _kind(device: str) -> str:
    return "water_meter" if "water" in device else "electricity_meter"


def budget(tmp_path: Path, link: str, devices: list[str], polls: str = "fast_s: 2") -> LineBudget:
    site = loaded(tmp_path, link, devices, polls).site
    assert site is not None
    return budget_of(site)["line"]


def slow_meters(count: int) -> list[str]:
    return [f"slow_meter, unit: {unit}" for unit in range(1, count + 1)]


# slow_meter: power (2 registers, fast), voltage (1, normal), energy (2, slow); 50 ms pause; 50 ms assumed to answer.
# A request has 8 bytes, an answer 5 and two a register, and 7 characters of silence; 11 bits a character.
FAST_S, NORMAL_S, SLOW_S = (
    (8 + 5 + 2 * registers + 7) * 11 / 1200 + 0.050 + 0.050 for registers in (2, 1, 2)
)  # fmt: skip
PROBE_S = 2 * (1.0 + (8 + 5 + 2 * 6) * 11 / 1200)
# Its longest answer joins power and energy over a hole of two.


def test_the_budget_of_a_serial_line_is_the_hand_calculated_one(tmp_path: Path) -> None:
    found = budget(tmp_path, f"{RTU}, baudrate: 1200, parity: E", slow_meters(1), "fast_s: 3")
    assert round(FAST_S, 4) == 0.32
    assert [(period.classes, period.period_s, period.requests) for period in found.periods] == [
        ((PollClass.FAST,), 3.0, 1),
        ((PollClass.NORMAL,), 10.0, 1),
        ((PollClass.SLOW,), 60.0, 1),
    ]
    assert [period.round_s for period in found.periods] == pytest.approx([FAST_S, NORMAL_S, SLOW_S])
    polls = FAST_S / 3 + NORMAL_S / 10 + SLOW_S / 60
    assert found.share - found.probe_share == pytest.approx(polls)
    assert found.round_s == pytest.approx(FAST_S + NORMAL_S + SLOW_S)
    assert (found.requests, found.points) == (3, 3)


def test_a_dead_unit_costs_its_probes_instead_of_its_polls(tmp_path: Path) -> None:
    rare = "fast_s: 3600, normal_s: 3600, slow_s: 3600"
    found = budget(tmp_path, f"{RTU}, baudrate: 1200, parity: E, longest_probe_s: 10", slow_meters(1), rare)
    assert found.probe_share == pytest.approx(PROBE_S / 10 - (found.share - found.probe_share))
    often = budget(tmp_path, f"{RTU}, baudrate: 1200, parity: E", slow_meters(1), "fast_s: 0.4")
    assert often.probe_share == 0.0


def test_classes_of_one_period_are_asked_together(tmp_path: Path) -> None:
    found = budget(tmp_path, f"{RTU}, baudrate: 1200, parity: E", slow_meters(1), "fast_s: 10, slow_s: 10")
    (period,) = found.periods
    joined_s = (8 + 5 + 2 * 6 + 7) * 11 / 1200 + 0.100
    assert period.classes == (PollClass.FAST, PollClass.NORMAL, PollClass.SLOW)
    assert period.requests == 2
    assert period.round_s == pytest.approx(joined_s + NORMAL_S)


@pytest.mark.parametrize(
    ("link", "request_s"),
    [
        (f"{RTU}, baudrate: 9600", (8 + 9 + 7) * 10 / 9600),
        (f"{RTU}, baudrate: 9600, parity: E, stop_bits: 2", (8 + 9 + 7) * 12 / 9600),
        (f"{RTU}, baudrate: 38400", (8 + 9) * 10 / 38400 + 2 * 0.00175),
        ("type: modbus_rtu_over_tcp, host: 10.0.0.1, port: 502, baudrate: 9600", (8 + 9 + 7) * 10 / 9600),
        (
            "type: modbus_ascii_over_tcp, host: 10.0.0.1, port: 502, baudrate: 9600",
            (17 + 19 + 7) * 10 / 9600,
        ),
        ("type: modbus_tcp, host: 10.0.0.1", 0.0),
    ],
)
def test_every_sort_of_line_has_its_own_bytes(tmp_path: Path, link: str, request_s: float) -> None:
    fast = budget(tmp_path, link, slow_meters(1)).periods[0]
    assert fast.round_s == pytest.approx(request_s + 0.100)


def test_quiet_time_between_units_counts_once_a_round_and_not_for_a_unit_alone(tmp_path: Path) -> None:
    alone = budget(tmp_path, f"{RTU}, unit_pause_ms: 80", slow_meters(1)).periods[0]
    two = budget(tmp_path, f"{RTU}, unit_pause_ms: 80", slow_meters(2)).periods[0]
    assert two.round_s == pytest.approx(2 * (alone.round_s + 0.030))
    short = budget(tmp_path, f"{RTU}, unit_pause_ms: 20", slow_meters(2)).periods[0]
    assert short.round_s == pytest.approx(2 * alone.round_s)


def test_national_meters_count_one_request_for_every_identifier(tmp_path: Path) -> None:
    found = budget(tmp_path, f"{RTU}, baudrate: 2400, parity: E", ["cjt188_water_meter, address: '1234567'"])
    assert found.requests == 1
    assert 0.2 < found.round_s < 1.0
    electricity = budget(tmp_path, f"{RTU}, baudrate: 2400, parity: E", ["dlt645_three_phase, address: '12345678'"])
    assert electricity.requests > 1


def test_a_line_without_devices_needs_nothing(tmp_path: Path) -> None:
    found = budget(tmp_path, RTU, [])
    assert (found.share, found.round_s, found.requests, found.points) == (0.0, 0.0, 0, 0)


@pytest.mark.parametrize(
    ("count", "told"),
    [(9, []), (11, [("line_nearly_full", Severity.WARNING)]), (14, [("line_overloaded", Severity.ERROR)])],
)
def test_a_line_over_80_percent_is_warned_of_and_one_over_100_is_a_mistake(
    tmp_path: Path, count: int, told: list[tuple[str, Severity]]
) -> None:
    found = loaded(tmp_path, f"{RTU}, baudrate: 9600", slow_meters(count))
    assert [(problem.code, problem.severity) for problem in found.problems] == told


def test_what_is_proposed_brings_the_line_to_80_percent_at_most(tmp_path: Path) -> None:
    devices = slow_meters(4)
    problem = loaded(tmp_path, f"{RTU}, baudrate: 1200", devices, "fast_s: 1").problems[0]
    assert problem.code == "line_overloaded"
    said = problem.what.en
    baud = _found(r"raise the line and its devices to (\d+) baud \((\d+)%\)", said)
    slower = _found(r"slow `polls.fast_s` down to (\d+), for the whole site \((\d+)%\)", said)
    lines = _found(r"share its 4 devices out to (\d+) lines \((\d+)% on the fullest\)", said)
    assert budget(tmp_path, f"{RTU}, baudrate: {baud[0]}", devices, "fast_s: 1").share == _percent(baud[1])
    assert budget(tmp_path, f"{RTU}, baudrate: 1200", devices, f"fast_s: {slower[0]}").share == _percent(slower[1])
    fullest = budget(tmp_path, f"{RTU}, baudrate: 1200", slow_meters(-(-4 // lines[0])), "fast_s: 1")
    assert fullest.share == _percent(lines[1])
    assert max(baud[1], slower[1], lines[1]) <= 80
    assert (baud[0], slower[0], lines[0]) == (9600, 2, 2) or budget(
        tmp_path, f"{RTU}, baudrate: {baud[0] // 2}", devices, "fast_s: 1"
    ).share > 0.8
    for word in ("超载", "波特率提高到", "放慢到", "分到"):
        assert word in problem.what.zh


def _found(pattern: str, said: str) -> tuple[int, int]:
    match = re.search(pattern, said)
    assert match is not None, said
    return int(match[1]), int(match[2])


def _percent(number: int) -> Any:
    return pytest.approx(number / 100, abs=0.006)


def test_nothing_is_proposed_that_does_not_help(tmp_path: Path) -> None:
    found = loaded(tmp_path, "type: modbus_tcp, host: 10.0.0.1", slow_meters(1), "fast_s: 0.2, normal_s: 0.2")
    assert "raise the line" not in found.problems[0].what.en
    assert "lines" not in found.problems[0].what.en.split("every second")[1].split(":", 1)[1]
    assert "assuming 50 ms to answer" in found.problems[0].what.en
