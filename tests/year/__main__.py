"""`python -m tests.year`: lives through a year (or part of one) and prints what came of it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from tests.year.table import table
from tests.year.weeks import live_days

DAYS_AT_ONCE: Final = 7


def main() -> int:
    """Lives through the days asked for, week by week, spread over the year: what is cut short is a fair sample."""
    options = _options()
    results = _read(options.out) if options.out.exists() else {}
    weeks = [week for week in _spread(_weeks(options.start, options.end, options.days)) if not _is_done(week, results)]
    with ProcessPoolExecutor(max_workers=options.jobs) as workers:
        waiting = {
            workers.submit(live_days, first, days, seed=options.seed, compare=not options.alone): first
            for first, days in weeks
        }
        for number, done in enumerate(as_completed(waiting), 1):
            lines = [result.document() for result in done.result()]
            with options.out.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            results.update({line["day"]: line for line in lines})
            print(f"{number}/{len(weeks)} {waiting[done]}: {sum(len(line['breaches']) for line in lines)} breaches",
                  flush=True)  # fmt: skip
    wanted = [
        line for day, line in sorted(results.items()) if options.start.isoformat() <= day <= options.end.isoformat()
    ]
    print(table(wanted))
    return 1 if any(line["breaches"] for line in wanted) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(2026, 1, 1))
    parser.add_argument("--to", dest="end", type=date.fromisoformat, default=date(2026, 12, 31), help="inclusive")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--days", type=int, default=DAYS_AT_ONCE, help="neighbouring days lived without a break")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="do not live through the same days without control")
    parser.add_argument(
        "--out", type=Path, default=Path("year.jsonl"), help="results by day; days in it are not lived again"
    )  # fmt: skip
    return parser.parse_args()


def _weeks(start: date, end: date, length: int) -> list[tuple[date, int]]:
    """Stretches of `length` days, the last one shorter."""
    weeks = []
    first = start
    while first <= end:
        days = min(length, (end - first).days + 1)
        weeks.append((first, days))
        first += timedelta(days=days)
    return weeks


def _spread(weeks: list[tuple[date, int]]) -> Iterator[tuple[date, int]]:
    """Every fourth first, then those between."""
    for begin in (2, 0, 1, 3):
        yield from weeks[begin::4]


def _is_done(week: tuple[date, int], results: dict[str, Any]) -> bool:
    first, days = week
    return all((first + timedelta(days=ahead)).isoformat() in results for ahead in range(days))


def _read(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as file:
        return {line["day"]: line for line in map(json.loads, file)}


if __name__ == "__main__":
    raise SystemExit(main())
