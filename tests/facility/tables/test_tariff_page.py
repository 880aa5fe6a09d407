"""What docs/tariffs.md shows is what happens."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from facility.accounting.tariffs import PERIOD_NAMES
from facility.errors import TableError
from facility.tables import tariff
from tests.facility.tables.bills import bill, of_day

PAGE = (Path(__file__).parents[3] / "docs" / "tariffs.md").read_text(encoding="utf-8")
FILE = next(block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if block.startswith("tariff:"))


def test_the_worked_example_costs_what_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "our_power.yaml").write_text(FILE, encoding="utf-8")
    versions = tariff("./our_power.yaml", tmp_path).versions
    found = bill(versions, of_day(date(2026, 7, 15), 10.0), base={"2026-07": 0.70})
    rows = {}
    for line in found.lines:
        assert line.period is not None
        rows[PERIOD_NAMES[line.period].zh] = (line.amount, line.yuan)
    shown = re.findall(r"\| ([尖峰平谷]) \w+ \| (\d+) \|[^|]*\| ([\d.]+) \|", PAGE)
    assert {name: (float(amount), float(yuan)) for name, amount, yuan in shown} == rows
    assert f"**{found.total_yuan:.2f}**" in PAGE
    assert f"| {found.adders[0].yuan:.2f} |" in PAGE
    month = bill(versions, of_day(date(2026, 7, 15), 0.0), base={"2026-07": 0.70}, fixed=1.0)
    assert month.fixed[0].amount == pytest.approx(315 / 31)


def test_the_mistake_on_the_page_is_told_just_so(tmp_path: Path) -> None:
    (tmp_path / "our_power.yaml").write_text(FILE.replace("valley: 0.4}", "valley: 1.2}"), encoding="utf-8")
    with pytest.raises(TableError) as caught:
        tariff("./our_power.yaml", tmp_path)
    assert caught.value.problems[0].render("en") in PAGE
