"""A writer that is killed while it works: appends numbered batches for ever and says which it was told are safe."""

from __future__ import annotations

import sys
from pathlib import Path

from facility.readings import Batch
from facility.store.embedded import EmbeddedStore

POINTS = tuple(f"m.p{index}" for index in range(20))


def main(folder: Path, first: int) -> None:
    store = EmbeddedStore(folder, tail_limit=500)
    number = first
    while True:
        values = [float(number)] * len(POINTS)
        store.append([Batch(time_us=number * 60_000_000, points=POINTS, values=values)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
