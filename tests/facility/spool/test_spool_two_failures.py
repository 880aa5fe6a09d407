"""A disk that fails a write and then also the tidying up behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.errors import StoreUnavailable
from facility.spool.disk import Disk
from facility.spool.records import Record
from facility.spool.rules import Bounds, ClassRule
from facility.spool.spool import Spool


class FailingDisk(Disk):
    """While it is `ill`, nothing is synced and nothing is removed."""

    ill = False

    def sync(self, handle: int) -> None:
        if self.ill:
            raise OSError(5, "sync")
        super().sync(handle)

    def remove(self, path: Path) -> None:
        if self.ill:
            raise OSError(5, "remove")
        super().remove(path)


@pytest.mark.parametrize("first", ["a", "b"])
def test_what_is_safe_after_a_failed_write_that_could_not_be_tidied_up_goes_out_once(
    first: str, tmp_path: Path
) -> None:
    bounds = Bounds(limit_bytes=1 << 24, classes=[ClassRule(name="a"), ClassRule(name="b")])
    disk = FailingDisk()
    spool = Spool(tmp_path, bounds, now_us=lambda: 0, steady_s=lambda: 0.0, disk=disk)
    order = ("a", "b") if first == "a" else ("b", "a")
    disk.ill = True
    with pytest.raises(StoreUnavailable):
        spool.append([Record(name=name, time_us=0, body=b"not taken " + bytes(99)) for name in order])
    disk.ill = False
    assert spool.append([Record(name=name, time_us=0, body=b"safe " + name.encode()) for name in order]) == [True, True]
    spool.close()
    again = Spool(tmp_path, bounds, now_us=lambda: 0, steady_s=lambda: 0.0)
    group = again.take(10)
    assert group is not None
    assert [kept.body for kept in group.records] == [b"safe " + name.encode() for name in order]
    again.close()
