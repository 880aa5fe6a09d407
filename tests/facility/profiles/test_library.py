"""The library of profiles: shipped ones are read when asked for, a site's own override them."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.errors import ProfileError
from facility.profiles import ProfileLibrary
from facility.profiles.loader import SHIPPED

SHIPPED_METER = (SHIPPED / "chint_dtsu666.yaml").read_text(encoding="utf-8")


def test_every_shipped_file_is_known_by_its_name_before_it_is_read() -> None:
    library = ProfileLibrary()
    assert set(library) == {path.stem for path in SHIPPED.glob("*.yaml")}
    assert len(library) == len(set(library))
    assert "chint_dtsu666" in library
    assert "no_such_meter" not in library
    with pytest.raises(KeyError, match="no_such_meter"):
        library["no_such_meter"]


def test_a_profile_is_read_once() -> None:
    assert ProfileLibrary()["chint_dtsu666"] is ProfileLibrary()["chint_dtsu666"]


def test_a_profile_of_the_site_overrides_a_shipped_one_and_new_ones_come_last(tmp_path: Path) -> None:
    (tmp_path / "chint_dtsu666.yaml").write_text(SHIPPED_METER.replace("grade: community", "grade: vendor"), "utf-8")
    (tmp_path / "our_meter.yaml").write_text(
        SHIPPED_METER.replace("profile: chint_dtsu666", "profile: our_meter"), "utf-8"
    )
    library = ProfileLibrary(tmp_path)
    assert library["chint_dtsu666"].source.grade == "vendor"
    assert ProfileLibrary()["chint_dtsu666"].source.grade == "community"
    assert list(library)[-1] == "our_meter"
    assert len(library) == len(ProfileLibrary()) + 1


def test_a_mistake_in_a_profile_of_the_site_is_told_even_where_no_device_uses_it(tmp_path: Path) -> None:
    (tmp_path / "our_meter.yaml").write_text(SHIPPED_METER, "utf-8")
    with pytest.raises(ProfileError, match=r"our_meter\.yaml says it is 'chint_dtsu666'"):
        ProfileLibrary(tmp_path)
