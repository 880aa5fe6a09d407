"""`houqin scan` as the person with the screwdriver meets it: a simulated line, a sheet, a site file to begin with."""

from __future__ import annotations

import csv
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from facility.profiles import ProfileLibrary
from facility.profiles.schema import WireProtocol
from gateway.commissioning.inspection import Inspected
from gateway.commissioning.recognising import Candidate, Certainty
from houqin.acceptance import sheet_rows, text_sheet, write_sheet
from houqin.cli import cli
from houqin.scan import link_of
from houqin.site_sketch import write_sketch
from tests.gateway.commissioning.bench import LINK, LookedOver, library, looked_at
from tests.gateway.commissioning.test_recognising import METER

ENERGY_KWH = 812.5


def houqin(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["--language", "en", *(str(argument) for argument in arguments)])


@contextmanager
def listening() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def devices(order: str | None = None) -> list[Inspected]:
    """A DTSU666 as unit 2, in a word order of its own or another, and a unit 5 that nobody knows."""
    line, profiles = LookedOver(), library("chint_dtsu666")
    line.be(2, profiles["chint_dtsu666"], METER | {f"voltage_{pair}": 3824.4 for pair in ("ab", "bc", "ca")}, order)
    line.put(5, 40000, 1)
    return list(await looked_at(line, profiles, 2, 5))


@pytest.mark.parametrize(
    ("line", "kind", "endpoint"),
    [
        ("192.0.2.10", "modbus_tcp", "192.0.2.10:502"),
        ("tcp://plc:1502", "modbus_tcp", "plc:1502"),
        ("rtu://192.0.2.11:4196", "modbus_rtu_over_tcp", "192.0.2.11:4196"),
        ("ascii://192.0.2.11:1", "modbus_ascii_over_tcp", "192.0.2.11:1"),
        ("/dev/ttyUSB0", "modbus_rtu", "/dev/ttyUSB0"),
        ("ascii:///dev/ttyUSB0", "modbus_ascii", "/dev/ttyUSB0"),
    ],
)
def test_a_line_is_written_as_an_address_or_as_a_port(line: str, kind: str, endpoint: str) -> None:
    link = link_of(line)
    assert link is not None
    assert (link.type, link.endpoint) == (kind, endpoint)


@pytest.mark.parametrize("line", ["two words", "ftp://192.0.2.1", "192.0.2.1:0", "192.0.2.1:99999", "", "rtu://"])
def test_what_is_no_line_is_told_and_ends_with_exit_code_2(line: str) -> None:
    result = houqin("scan", line, "--units", "1")
    assert (result.exit_code, "cannot be scanned" in result.output) == (2, True)


@pytest.mark.parametrize("units", ["0x1", "5-1", "300", "1,,2"])
def test_unit_ids_that_are_none_are_told(units: str) -> None:
    assert houqin("scan", "192.0.2.1", "--units", units).exit_code == 2


def test_a_port_where_nobody_listens_is_told_and_one_that_keeps_silent_has_no_devices() -> None:
    with listening() as port:
        pass
    refused = houqin("scan", f"127.0.0.1:{port}", "--units", "1", "--timeout-ms", "20")
    assert (refused.exit_code, "cannot connect" in refused.output) == (2, True)
    with listening() as port:
        silent = houqin("scan", f"127.0.0.1:{port}", "--units", "1", "--timeout-ms", "20")
    assert (silent.exit_code, "nobody answers" in silent.output) == (1, True)


@pytest.mark.parametrize("option", ["--sheet", "--write-site"])
def test_a_file_that_cannot_be_written_is_told_before_the_line_is_looked_over(option: str, tmp_path: Path) -> None:
    result = houqin("scan", "192.0.2.1", option, tmp_path / "no such folder" / "file.xlsx")
    assert result.exit_code == 2, "and not after a timeout"
    assert "cannot write" in result.output


def test_a_site_file_that_is_there_is_not_overwritten_and_nobody_is_asked(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("mine", encoding="utf-8")
    result = houqin("scan", "192.0.2.1", "--write-site", site)
    assert (result.exit_code, "is there already" in result.output) == (2, True)
    assert site.read_text(encoding="utf-8") == "mine"


@pytest.mark.asyncio
async def test_the_sheet_has_a_row_for_every_value_in_every_form(tmp_path: Path) -> None:
    rows = list(sheet_rows("l", await devices()))
    points = len(ProfileLibrary()["chint_dtsu666"].points)
    assert len(rows) == points + 1
    assert [row[5] for row in rows if row[3] == "energy_import"] == [ENERGY_KWH]
    assert [row[5] for row in rows if row[3] == "energy_export"] == [0.0], "zero is a reading"
    assert [row[5] for row in rows if row[1] == 5] == [None]
    assert any(str(ENERGY_KWH) in line for line in text_sheet(rows, "en"))
    write_sheet(tmp_path / "s.csv", rows, "en")
    lines = list(csv.reader((tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len(lines) == points + 2
    assert any("812.5" in cell for line in lines for cell in line)
    write_sheet(tmp_path / "s.xlsx", rows, "en")
    with ZipFile(tmp_path / "s.xlsx") as book:
        sheet = next(book.read(name).decode() for name in book.namelist() if "sheet1" in name)
    assert "812.5" in sheet
    assert "<f>" not in sheet


@pytest.mark.asyncio
@pytest.mark.parametrize(("order", "name"), [(None, "chint_dtsu666"), ("CDAB", "chint_dtsu666_cdab")])
async def test_the_site_file_to_begin_with_is_taken_by_the_check(order: str | None, name: str, tmp_path: Path) -> None:
    files = write_sketch(tmp_path / "site.yaml", "line-1", LINK, await devices(order))
    assert len(files) == (1 if order is None else 2)
    text = files[0].read_text(encoding="utf-8")
    assert f"profile: {name}" in text
    assert "not recognised: 5" in text
    result = houqin("check", files[0])
    assert result.exit_code == 0, result.output
    with pytest.raises(FileExistsError):
        write_sketch(tmp_path / "site.yaml", "line-1", LINK, await devices(order))


SORTS = (
    "chint_dtsu666", "kaifeng_xintai_water", "advantech_adam_6051_water", "xht_heat", "aoke_vortex_gas",
    "coolmasternet", "waveshare_relay", "xy_md02", "dlt645_three_phase", "cjt188_water_meter",
)  # fmt: skip


def test_every_sort_of_device_makes_a_site_file_that_is_taken_by_the_check(tmp_path: Path) -> None:
    devices = [
        Inspected(
            unit=number if is_modbus else None, address=None if is_modbus else f"{number:012d}", fits=[fit], plate=()
        )
        for number, name in enumerate(SORTS, start=1)
        for fit in [_taken_for(name)]
        for is_modbus in [fit.profile.protocol is WireProtocol.MODBUS]
    ]
    files = write_sketch(tmp_path / "site.yaml", "line-1", LINK, devices)
    assert "pulse counters need what one pulse is worth (per_pulse): line-1-3" in files[0].read_text(encoding="utf-8")
    result = houqin("check", files[0])
    assert result.exit_code == 0, result.output


def _taken_for(name: str) -> Candidate:
    return Candidate(
        profile=ProfileLibrary()[name], certainty=Certainty.READABLE, order=None, fitting=0, contradicting=0, told=()
    )
