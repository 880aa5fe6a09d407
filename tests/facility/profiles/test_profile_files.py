"""What is wrong with a profile is told with its line, in both languages, and nothing half right is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from facility.errors import ProfileError
from facility.model.loader import load_site
from facility.model.problems import Severity
from facility.model.profile_files import check_profile
from facility.profiles import Profile, ProfileLibrary
from facility.profiles.coherence import faults_of
from facility.profiles.loader import SHIPPED, read_profile
from houqin.cli import cli
from tests.gateway.made_profiles import D3NET, RATIOS_FAR, SCALED, SPLIT, TRIPLET, meter, named
from tests.sites import small_site_data

GOOD = """\
profile: mine
name: {zh: 我的电表, en: My meter}
kind: electricity_meter
protocol: modbus
source: {document: "the maker's register list, 2021", grade: vendor}
modbus:
  - {id: energy_import, name: {zh: 电量, en: Energy}, quantity: active_energy, unit: kWh, table: holding, address: 0, type: uint32, counter: true, low: 0}
  - {id: voltage_a, name: {zh: 电压, en: Voltage}, quantity: voltage, unit: V, table: holding, address: 10, scale: 0.1}
"""  # noqa: E501

MISTAKES: list[tuple[str, str, int, tuple[str, str, str | None]]] = [
    # what is changed, into what; the line; words of the Chinese and of the English text, and of the hint
    ("scale: 0.1", "scal: 0.1", 8, ("scal", "unknown key `scal`", "did you mean `scale`?")),
    ("source: {", "sorce: {", 5, ("sorce", "unknown key `sorce`", "did you mean `source`?")),
    ("unit: V", "unit: kW", 8, ("单位", "is not a unit of voltage", None)),
    ("type: uint32", "type: uint31", 7, ("uint31", "`type` is `uint31`", "did you mean")),
    ("address: 10", "address: 70000", 8, ("70000", "70000", None)),
    ("type: uint32", "type: uint32, bits: [30, 33]", 7, ("没有第", "are not in uint32", None)),
    ("scale: 0.1", "scale_from: v_sf", 8, ("没有测点 `v_sf`", "no other point `v_sf`", None)),
    ("scale: 0.1", "scale_from: energy_imprt", 8, ("没有", "no other point", "did you mean `energy_import`?")),
    ("profile: mine", "profile: other", 1, ("须一致", "must be the same", None)),
    ("voltage_a", "energy_import", 1, ("重名", "points named twice", None)),
    ("kind: electricity_meter", "kind: electricty_meter", 3, ("electricty_meter", "electricty_meter", "did you mean")),
]


def written(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("old", "new", "line", "said"), MISTAKES)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: tuple[str, str, str | None]
) -> None:
    zh, en, hint = said
    assert old in GOOD
    (problem,) = check_profile(written(tmp_path, GOOD.replace(old, new, 1))).problems
    assert problem.line == line, problem
    assert zh in problem.what.zh
    assert en in problem.what.en
    assert (problem.hint is None) is (hint is None), problem
    assert hint is None or hint in (problem.hint.en if problem.hint is not None else "")


def test_a_good_profile_has_no_problem_and_a_missing_source_is_one(tmp_path: Path) -> None:
    assert check_profile(written(tmp_path, GOOD)).problems == ()
    (problem,) = check_profile(
        written(tmp_path, "".join(GOOD.splitlines(keepends=True)[:4] + GOOD.splitlines(True)[5:]))
    ).problems
    assert (problem.code, "source" in problem.what.en) == ("missing_key", True)


NOTATIONS: list[tuple[tuple[str, int], tuple[str, int], str | None]] = [
    # table and address of both points; what the first would be on the wire, None where nothing is told
    (("holding", 40001), ("holding", 40011), "so 40001 would be 0"),
    (("holding", 49999), ("input", 30001), "so 49999 would be 9998"),
    (("input", 30001), ("input", 39999), "so 30001 would be 0"),
    (("holding", 40001), ("holding", 10), None),
    (("holding", 40000), ("holding", 40011), None),
    (("input", 40001), ("input", 40011), None),
    (("holding", 0), ("holding", 10), None),
]


@pytest.mark.parametrize(("first", "second", "told"), NOTATIONS)
def test_addresses_as_makers_number_them_are_warned_of_when_all_are(
    tmp_path: Path, first: tuple[str, int], second: tuple[str, int], told: str | None
) -> None:
    text = GOOD
    for old, (table, address) in (("address: 0", first), ("address: 10", second)):
        text = text.replace(f"table: holding, {old},", f"table: {table}, address: {address},")
    path = written(tmp_path, text)
    checked = check_profile(path)
    assert checked.profile is not None
    assert [problem.severity for problem in checked.problems] == ([] if told is None else [Severity.WARNING])
    assert all(told is not None and told in problem.what.en for problem in checked.problems)
    assert CliRunner().invoke(cli, ["profile", "check", str(path)]).exit_code == 0
    assert check_profile(path, of_site=True).problems == (), "a site with such a profile runs"


def test_every_shipped_profile_is_right() -> None:
    """Read as its readers do: the first mistake of any would be told."""
    told = [problem.render("en") for path in sorted(SHIPPED.glob("*.yaml")) for problem in check_profile(path).problems]
    assert told == []


def changed(profile: dict[str, Any], **facts: Any) -> Profile:
    return Profile.model_validate({**profile, **facts})


def point(profile: dict[str, Any], name: str, **facts: Any) -> Profile:
    """The profile with one point changed."""
    return changed(profile, modbus=[{**item, **facts} if item["id"] == name else item for item in profile["modbus"]])


def order(profile: dict[str, Any], name: str, **facts: Any) -> Profile:
    """The profile with the way one point is written changed."""
    spec = next(item for item in profile["modbus"] if item["id"] == name)["write"]
    return point(profile, name, write={**spec, **facts})


PAIR = {"quantity": "count", "unit": "1"}
FAULTS = [
    (lambda: meter(*SCALED, limits={"max_registers": 2}), "lies too far"),
    (lambda: meter(*RATIOS_FAR[:1], {**RATIOS_FAR[1], "internal": True}, RATIOS_FAR[2]), "lies too far"),
    (lambda: meter({**SPLIT[0], "plus": "nothing"}), "no other point `nothing`"),
    (lambda: meter(SPLIT[0], {**SPLIT[1], "table": "input"}), "must be internal, in the table"),
    (lambda: meter(*SPLIT, limits={"max_registers": 4}), "takes 5 registers; one request may read 4"),
    (lambda: meter(named(id="a", address=0, group="g", **PAIR), named(id="b", address=200, group="g", **PAIR)),
     "takes 201 registers; one request may read 125"),
    (lambda: meter(named(id="a", address=65535, type="uint32", **PAIR)), "reaches address 65536"),
    (lambda: meter(named(id="a", address=9, **PAIR), limits={"unreadable": [["holding", 5, 10]]}), "must not be read"),
    (lambda: meter(*SCALED[1:4]), "no other point `e_sf`"),
    (lambda: meter({"id": "x", "internal": True, "table": "holding", "address": 1}, named(id="a", address=0, **PAIR)),
     "no point needs `x`"),
    (lambda: meter(named(id="a", address=0, **PAIR, write={"function": 6}),
                   named(id="b", address=0, type="uint32", **PAIR, write={"function": 16})), "share a register"),
    (lambda: order(D3NET, "on", group="order"), "no write group `order`"),
    (lambda: order(D3NET, "on", function=6), "differ in how they are written"),
    (lambda: order(D3NET, "setpoint", address=3), "not in 0 to 2 of group `orders`"),
    (lambda: changed(TRIPLET, identify={"plausible": [{"point": "romm", "low": 10, "high": 40}]}), "no point `romm`"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "told"), FAULTS, ids=[told for _, told in FAULTS])
def test_parts_that_do_not_fit_each_other_are_told(made: Any, told: str) -> None:
    faults = list(faults_of(made()))
    assert any(told in fault.what.en for fault in faults), faults
    assert all(fault.what.zh for fault in faults)


@pytest.mark.parametrize("profile", [meter(*SCALED), meter(*SPLIT), meter(*RATIOS_FAR),
                                     Profile.model_validate(D3NET), Profile.model_validate(TRIPLET)])  # fmt: skip
def test_what_fits_has_no_fault(profile: Profile) -> None:
    assert list(faults_of(profile)) == []


def test_a_profile_that_does_not_fit_is_never_half_used(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("scale: 0.1", "scale_from: v_sf"))
    with pytest.raises(ProfileError, match="v_sf"):
        read_profile(path)


def site_with_own(tmp_path: Path, *profiles: tuple[str, str]) -> Path:
    for name, text in profiles:
        written(tmp_path / "profiles", text, name)
    data = small_site_data()
    site = tmp_path / "site.yaml"
    with site.open("w", encoding="utf-8") as file:
        YAML().dump(data, file)
    return site


def test_a_sites_own_profile_goes_before_the_shipped_one(tmp_path: Path) -> None:
    own = GOOD.replace("profile: mine", "profile: chint_dtsu666")
    loaded = load_site(site_with_own(tmp_path, ("chint_dtsu666.yaml", own)))
    assert loaded.errors == ()
    assert loaded.site is not None
    assert loaded.site.profiles["chint_dtsu666"].name.zh == "我的电表"
    assert ProfileLibrary()["chint_dtsu666"].name.zh != "我的电表"


def test_two_files_of_one_profile_are_refused(tmp_path: Path) -> None:
    loaded = load_site(site_with_own(tmp_path, ("mine.yaml", GOOD), ("mine.yml", GOOD)))
    assert loaded.site is None
    assert [(problem.file, problem.code) for problem in loaded.errors] == [("profiles/mine.yml", "profile_twice")]
    with pytest.raises(ProfileError, match="two files"):
        ProfileLibrary(tmp_path / "profiles")


def test_a_mistake_in_a_sites_own_profile_stops_the_site_with_file_and_line(tmp_path: Path) -> None:
    loaded = load_site(site_with_own(tmp_path, ("mine.yaml", GOOD.replace("scale: 0.1", "scal: 0.1"))))
    assert loaded.site is None
    assert [(problem.file, problem.line) for problem in loaded.errors] == [("profiles/mine.yaml", 8)]


@pytest.mark.parametrize(("language", "word"), [("zh", "没有测点"), ("en", "there is no other point")])
def test_the_command_says_it_in_the_readers_language_and_ends_with_one(
    tmp_path: Path, language: str, word: str
) -> None:
    path = written(tmp_path, GOOD.replace("scale: 0.1", "scale_from: v_sf"))
    result = CliRunner().invoke(cli, ["--language", language, "profile", "check", str(path)])
    assert result.exit_code == 1
    assert "mine.yaml:8:" in result.output
    assert word in result.output
    assert CliRunner().invoke(cli, ["profile", "check", str(written(tmp_path, GOOD))]).exit_code == 0


def test_profiles_are_listed_and_one_is_shown_with_its_registers(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    shown = CliRunner().invoke(cli, ["--language", "en", "profiles", "mine", "--profiles", str(tmp_path)])
    assert shown.exit_code == 0
    for said in ("the maker's register list", "holding 10 (0x000A)", "×0.1 V", "uint32 ABCD"):
        assert said in shown.output
    gateway = CliRunner().invoke(cli, ["--language", "zh", "profiles", "coolmasternet"]).output
    assert "FC6 2 16–30" in gateway
    listed = CliRunner().invoke(cli, ["--language", "zh", "profiles", "--kind", "relay", "--profiles", str(tmp_path)])
    assert "waveshare_relay" in listed.output
    assert "mine" not in listed.output
    missing = CliRunner().invoke(cli, ["--language", "en", "profiles", "nothing"])
    assert (missing.exit_code, "no profile nothing" in missing.output) == (2, True)


def test_the_schema_for_editors_knows_every_key() -> None:
    output = CliRunner().invoke(cli, ["profile", "schema"]).output
    for key in ("scale_from", "plus", "writes", "identify", "setup", "nameplate", "unreadable"):
        assert f'"{key}"' in output


@pytest.mark.parametrize("profile", [D3NET, TRIPLET], ids=lambda profile: str(profile["profile"]))
def test_points_of_one_write_group_may_share_a_register_in_a_site(tmp_path: Path, profile: dict[str, Any]) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    data = small_site_data()
    data["devices"][0]["profile"] = profile["profile"]
    for path, content in ((folder / f"{profile['profile']}.yaml", profile), (tmp_path / "site.yaml", data)):
        with path.open("w", encoding="utf-8") as file:
            YAML().dump(content, file)
    assert load_site(tmp_path / "site.yaml").errors == ()
