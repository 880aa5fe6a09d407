"""A process that fills a spool and empties it until it is killed: says which numbers were safe, and which went out."""

from __future__ import annotations

import sys
from pathlib import Path

from facility.spool import Bounds, ClassRule, Record, Spool

BOUNDS = Bounds(limit_bytes=1 << 22, classes=[ClassRule(name="low"), ClassRule(name="high")])
BODY = bytes(range(256)) * 8


def main(folder: Path, first: int) -> None:
    spool = Spool(folder, BOUNDS, now_us=lambda: 0, kept_s=0.0)
    number = first
    while True:
        name = "high" if number % 3 else "low"
        spool.append([Record(name=name, body=number.to_bytes(8, "big") + BODY, time_us=number)])
        sys.stdout.write(f"safe {number}\n")
        sys.stdout.flush()
        if number % 7 == 0:
            group = spool.take(5)
            assert group is not None
            sys.stdout.write("".join(f"out {number_of(record.body)}\n" for record in group.records))
            sys.stdout.flush()
            spool.acknowledge(group)
        number += 1


def number_of(body: bytes) -> int:
    """The number that a body holds."""
    assert body[8:] == BODY, "another body than any that was written"
    return int.from_bytes(body[:8], "big")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
