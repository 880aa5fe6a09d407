"""A writer that is killed while it works: appends numbered batches for ever and says which it was told are safe.

It seals all the time, now and then in a second thread and only what is old, so that it is killed in the midst of that.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from facility.readings import Batch
from facility.store.embedded import EmbeddedStore

POINTS = tuple(f"m.p{index}" for index in range(20))
MINUTES_APART = 7


def main(folder: Path, first: int) -> None:
    store = EmbeddedStore(folder, tail_limit=500)
    number = first
    sealing: threading.Thread | None = None
    while True:
        time_us = number * MINUTES_APART * 60_000_000
        values = [float(number)] * len(POINTS)
        store.append([Batch(time_us=time_us, points=POINTS, values=values)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        if number % 10 == 0 and (sealing is None or not sealing.is_alive()):
            sealing = threading.Thread(target=store.seal, args=(time_us - 5 * MINUTES_APART * 60_000_000,), daemon=True)
            sealing.start()
        number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
