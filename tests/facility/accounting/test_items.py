"""Item codes: two tables that disagree, codes of fifteen places, and tables with mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.errors import TableError
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.tables import ITEM_CODES, building_code, coded_item, full_code, item_codes
from facility.tables.loader import shipped
from tests.sites import small_site_data

NATIONAL, LOCAL = "national_2009", "local_variant"


@pytest.mark.parametrize("name", shipped(ITEM_CODES))
def test_every_shipped_table_is_whole_and_says_where_it_comes_from(name: str) -> None:
    codes = item_codes(name)
    assert codes.name == name
    assert codes.source.document
    assert codes.text.zh != codes.text.en
    assert all(line.name.zh != line.name.en for line in codes.items.values())
    assert len({line.code for line in codes.items.values()}) == len(codes.items)
    assert [codes.items[item].code for item in ("lighting_sockets", "air_conditioning", "power", "special")] == [
        "A00", "B00", "C00", "D00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "national", "local"),
    [
        (None, "01000", "01000"),
        ("lighting_sockets", "01A00", "01A00"),
        ("landscape", "01A30", "01A30"),
        ("lifts", "01C10", "01C10"),
        ("information_centre", "01D10", "01D10"),
        ("kitchen", "01D30", "01D20"),
        ("other_special", "01D60", "01D30"),
        ("chillers", "01B1C", "01B1A"),
        ("chilled_water_pumps", "01B1A", "01B1C"),
        ("laundry", "01D20", None),
        ("kettles", None, "01C40"),
        ("office_equipment", None, "01A40"),
        ("information_cooling", None, "01D1B"),
        ("fan_coils", "01B2D", None),
    ],
)
def test_the_two_tables_disagree_where_their_sources_do(
    item: str | None, national: str | None, local: str | None
) -> None:
    for name, expected in ((NATIONAL, national), (LOCAL, local)):
        codes = item_codes(name)
        if expected is None:
            with pytest.raises(KeyError):
                codes.energy_code("electricity", item)
        else:
            assert codes.energy_code("electricity", item) == expected


def test_what_d2_and_d3_are_depends_on_the_table() -> None:
    names = {name: {line.code: line.name.zh for line in item_codes(name).items.values()} for name in (NATIONAL, LOCAL)}
    assert (names[NATIONAL]["D20"], names[NATIONAL]["D30"]) == ("洗衣房", "厨房餐厅")
    assert (names[LOCAL]["D20"], names[LOCAL]["D30"]) == ("厨房", "特殊")


@pytest.mark.parametrize(
    ("medium", "code"), [("electricity", "01000"), ("water", "02000"), ("gas", "03000"), ("heat", "04000")]
)
def test_other_media_have_a_class_of_their_own(medium: str, code: str) -> None:
    assert item_codes(NATIONAL).energy_code(medium) == code


def test_levels_follow_from_the_code() -> None:
    codes = item_codes(NATIONAL)
    assert [codes.items[item].level for item in ("power", "lifts", "chillers")] == [0, 1, 2]
    assert [line.id for line in codes.sub_items("power")] == ["lifts", "water_pumps", "fans"]
    assert codes.items["chillers"].item == "air_conditioning"


def test_a_building_and_what_it_used_make_fifteen_places() -> None:
    codes = item_codes(NATIONAL)
    building = building_code("330302", codes.building_types["mixed"], 101)
    assert building == "330302G101"
    assert building_code("320100", codes.building_types["office"], 8) == "320100A008"
    whole = full_code(building, codes.energy_code("electricity", "lifts"))
    assert whole == "330302G10101C10"
    assert len(whole) == 15


@pytest.mark.parametrize(
    ("region", "letter", "serial"), [("33030", "G", 1), ("330302", "g", 1), ("330302", "G", 1000), ("330302", "GG", 1)]
)
def test_a_building_code_of_the_wrong_length_is_refused(region: str, letter: str, serial: int) -> None:
    with pytest.raises(ValueError, match="no building code"):
        building_code(region, letter, serial)


@pytest.mark.parametrize(
    ("building", "energy"), [("330302G101", "1C10"), ("330302G1", "01C10"), ("330302G101", "01c10")]
)
def test_parts_that_are_no_codes_make_no_full_code(building: str, energy: str) -> None:
    with pytest.raises(ValueError, match="make no code"):
        full_code(building, energy)


def site_with(meter: dict[str, object], **space: object) -> Site:
    """The small site, its first office meter changed."""
    data = small_site_data()
    data["equipment"].append({"id": "boiler", "kind": "kettle", "device": "relay", "slot": 0})
    data["links"]["relays"] = {"type": "modbus_tcp", "host": "127.0.0.1", "port": 1505}
    data["devices"].append({"id": "relay", "profile": "waveshare_relay", "link": "relays", "unit": 1})
    data["spaces"].append({"id": "racks", "floor": "f4", "class": "server_room", "responsible_office": "general"})
    for item in data["equipment"]:
        if item["id"] == "meter-401":
            del item["item"]
            item.update(meter)
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


@pytest.mark.parametrize(
    ("meter", "national", "local"),
    [
        ({"item": "power", "sub_item": "lifts"}, "lifts", "lifts"),
        ({"item": "power"}, "power", "power"),
        ({"feeds": {"equipment": "boiler"}}, "rooms", "kettles"),
        ({"feeds": {"equipment": "boiler"}, "item": "special"}, "special", "special"),
        ({"feeds": {"equipment": "vrf-1"}}, "air_conditioning", "air_conditioning"),
        ({"feeds": {"space": "racks"}}, "information_centre", "information_centre"),
        ({"feeds": {"space": "r401"}}, None, None),
        ({"feeds": {"office": "finance"}}, None, None),
    ],
)
def test_a_meter_counts_as_what_it_says_or_as_what_it_feeds(
    meter: dict[str, object], national: str | None, local: str | None
) -> None:
    site = site_with(meter)
    for name, expected in ((NATIONAL, national), (LOCAL, local)):
        assert coded_item(item_codes(name), site, site.all_meters["meter-401"]) == expected


def test_a_table_that_does_not_exist_is_told_with_its_near_miss() -> None:
    with pytest.raises(TableError) as caught:
        item_codes("national_2008")
    (problem,) = caught.value.problems
    assert "national_2009" in problem.render("zh")
    assert "did you mean `national_2009`?" in problem.render("en")


OWN = """\
codes: own
name: {zh: 本地编码, en: Local codes}
source: {document: letter of the bureau, grade: official}
classes: {electricity: "01"}
building_types: {office: A}
items:
  - {id: lighting_sockets, code: A00, name: {zh: 照明插座, en: Lighting}}
  - {id: air_conditioning, code: B00, name: {zh: 空调, en: Air conditioning}}
  - {id: power, code: C00, name: {zh: 动力, en: Power}}
  - {id: special, code: D00, name: {zh: 特殊, en: Special}}
  - {id: lifts, code: C10, name: {zh: 电梯, en: Lifts}}
  - {id: goods_lifts, code: C1A, name: {zh: 货梯, en: Goods lifts}}
equipment: {kettle: power}
rooms: {server_room: special}
"""


def test_a_site_may_bring_its_own_table(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    assert item_codes("./own.yaml", tmp_path).energy_code("electricity", "goods_lifts") == "01C1A"


@pytest.mark.parametrize(
    ("old", "new", "line", "code", "words"),
    [
        ("codes: own", "codes: other", 1, "wrong_name", "`other`"),
        ("code: C10,", "code: C0A,", 11, "pattern", "an item code, for example C10"),
        ("code: C10,", "code: E10,", 11, "pattern", "`E10`"),
        ("code: C10,", "code: C1A,", 12, "duplicate_id", "`C1A` is written twice"),
        ("id: goods_lifts", "id: lifts", 12, "duplicate_id", "`lifts` is written twice"),
        ("code: C1A", "code: C2A", 12, "dangling", "below `C20`, which is missing"),
        ("id: power, code: C00", "id: motors, code: C00", 7, "missing_key", "item `power` with code `C00` is missing"),
        ("kettle: power", "kettle: powr", 13, "dangling", "no item `powr`"),
        ("kettle: power", "kettel: power", 13, "unknown_key", "no kind of equipment `kettel`"),
        ("server_room: special", "sever_room: special", 14, "unknown_key", "`sever_room`"),
        ('classes: {electricity: "01"}', "classes: {electricity: 01}", 4, "wrong_type", "expected text"),
        ("grade: official", "grade: oficial", 3, "unknown_word", "`oficial`"),
    ],
)
def test_a_mistake_in_a_table_is_told_with_its_line(  # noqa: PLR0917 - a ledger
    tmp_path: Path, old: str, new: str, line: int, code: str, words: str
) -> None:
    assert old in OWN
    (tmp_path / "own.yaml").write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError) as caught:
        item_codes("./own.yaml", tmp_path)
    first = next(problem for problem in caught.value.problems if words in problem.what.en)
    assert (first.file, first.line, first.code) == ("own.yaml", line, code)
    assert first.what.zh != first.what.en
