"""How a site file is opened, located and expanded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from facility.model.entries import SiteFile
from facility.model.loader import Loaded, load_site
from facility.model.near import near_miss
from facility.text import Text
from tests.sites import small_site_data

PROFILES = Path(__file__).parent / "profiles"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "site.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def small_text(folder: Path) -> str:
    data = small_site_data()
    data["equipment"][0]["split"] = "none"
    YAML().dump(data, folder / "small.yaml")
    return (folder / "small.yaml").read_text(encoding="utf-8")


def told(loaded: Loaded) -> list[tuple[int, int, str]]:
    return [(problem.line, problem.column, problem.code) for problem in loaded.problems]


def test_the_small_site_loads_without_a_word(tmp_path: Path) -> None:
    loaded = load_site(written(tmp_path, small_text(tmp_path)))
    assert loaded.problems == ()
    assert loaded.site is not None
    assert loaded.site.id == "hq"
    assert loaded.file is loaded.site.file


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("site:\n\tid: hq\n", (2, 1, "tab"), ("制表符", "spaces only")),
        ("site: {id: hq\nname: x\n", (2, 5, "yaml"), ("花括号没有闭合", "broken YAML")),
        ("site: a: b\n", (1, 8, "yaml"), ("冒号", "mapping values")),
        ('site: "hq\n', (2, 1, "yaml"), ("引号没有闭合", "end of stream")),
        ("site: 1\n---\nsite: 2\n", (2, 1, "yaml"), ("一份文档", "another document")),
        ("site:\n  a: 1\n b: 2\n", (3, 2, "yaml"), ("缩进不一致", "block end")),
        ("site: *nothing\n", (1, 7, "yaml"), ("没有定义的别名", "undefined alias")),
        ("site: \x07\n", (1, 7, "yaml"), ("U+0007", "U+0007")),
        ("", (1, 1, "empty_file"), ("空的", "empty")),
        ("site: &s [*s]\n", (1, 7, "alias"), ("别名", "alias")),
        ("site: !!python/object:os.system {}\n", (1, 7, "tag"), ("标签", "unknown YAML tag")),
        ("site: !secret x\n", (1, 7, "tag"), ("`!secret`", "`!secret`")),
        ("- site\n", (1, 1, "wrong_type"), ("一组键值", "mapping of keys")),
        ("? [a, b]\n: 1\n", (1, 3, "key"), ("一个词", "one word")),
    ],
)  # fmt: skip
def test_broken_files_are_problems_with_their_place(
    tmp_path: Path, text: str, at: tuple[int, int, str], words: tuple[str, str]
) -> None:
    loaded = load_site(written(tmp_path, text))
    first = next(problem for problem in loaded.problems if problem.code == at[2])
    assert (first.line, first.column) == at[:2]
    assert words[0] in first.what.zh
    assert words[1] in first.what.en
    assert loaded.site is None


@pytest.mark.parametrize(
    ("text", "place", "wanted"),
    [
        ("site:\n  id: hq\n  timezone：Asia/Shanghai\n  name: {zh: 局}\n", (3, 11), ": "),
        ("site: {id: hq， name: {zh: 局}}\n", (1, 14), ", "),
        ("site: ｛id: hq, name: {zh: 局}}\n", (1, 7), "{"),
        ('site: {id: "a：b", name: {zh: 局}\nx: y\n', None, ""),
    ],
)
def test_punctuation_of_a_chinese_keyboard_is_named(
    tmp_path: Path, text: str, place: tuple[int, int] | None, wanted: str
) -> None:
    (problem,) = load_site(written(tmp_path, text)).problems
    if place is None:
        assert problem.code == "yaml", "what stands in quotes is nobody's mistake"
        return
    assert (problem.line, problem.column, problem.code) == (*place, "full_width")
    assert f"YAML wants `{wanted}`" in problem.what.en
    assert f"半角 `{wanted}`" in problem.what.zh


def test_a_file_in_gbk_is_told_by_name(tmp_path: Path) -> None:
    loaded = load_site(written(tmp_path, "site:\n  name: 名称\n".encode("gbk")))
    (problem,) = loaded.problems
    assert (problem.line, problem.column, problem.code) == (2, 9, "encoding")
    assert problem.hint is not None
    assert "UTF-8" in problem.hint.zh
    assert "GBK" in problem.hint.en


def test_a_file_in_utf_16_is_told_by_name(tmp_path: Path) -> None:
    (problem,) = load_site(written(tmp_path, "site:\n  name: 名称\n".encode("utf-16"))).problems
    assert (problem.line, problem.column, problem.code) == (1, 1, "encoding")
    assert problem.hint is not None
    assert "UTF-16" in problem.hint.en


def test_brackets_without_end_are_a_problem(tmp_path: Path) -> None:
    for text in ("site: " + "[" * 2_000, "site: " + "[" * 500 + "]" * 500):
        (problem,) = load_site(written(tmp_path, text)).problems
        assert (problem.code, problem.line) == ("yaml", 1)
        assert "嵌套太深" in problem.what.zh


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_site(written(tmp_path, b"\xef\xbb\xbf" + small_text(tmp_path).encode())).site is not None


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = load_site(tmp_path / "nowhere.yaml").problems
    assert problem.code == "file"
    assert "nowhere.yaml" in problem.what.zh
    assert "No such file" in problem.what.en


def test_a_folder_is_a_problem(tmp_path: Path) -> None:
    assert [problem.code for problem in load_site(tmp_path).problems] == ["file"]


def test_off_and_times_stay_words(tmp_path: Path) -> None:
    text = small_text(tmp_path) + "policy:\n  parameters: {window: 08:00-17:00, kettle: off, at: 12:30}\n"
    loaded = load_site(written(tmp_path, text))
    assert loaded.file is not None
    assert loaded.file.policy.parameters == {"window": "08:00-17:00", "kettle": "off", "at": "12:30"}


def test_checks_made_elsewhere_find_their_place(tmp_path: Path) -> None:
    text = "policy:\n  parameters:\n    windw: 1\n" + small_text(tmp_path)
    loaded = load_site(written(tmp_path, text))
    problem = loaded.problem(("policy", "parameters", "windw"), "parameter", Text("错", "wrong"))
    assert (problem.file, problem.line, problem.column) == ("site.yaml", 3, 12)
    assert (loaded.place(("policy", "parameters", "missing")).line, loaded.place(("nothing",)).line) == (3, 1)


TEMPLATED = """
templates:
  room:
    parameters: {id: , office: general, area_m2: 36.0, classes: [office]}
    spaces:
      - {id: "r{id}", floor: f4, class: office, office: "{office}", area_m2: "{area_m2}", name: {zh: "{id} 室"}}
use:
  - {template: room, id: 501}
  - {template: room, id: 502, office: finance, area_m2: 12}
"""


def test_templates_expand_with_the_parameters_own_type(tmp_path: Path) -> None:
    site = load_site(written(tmp_path, small_text(tmp_path) + TEMPLATED)).site
    assert site is not None
    first, second = site.spaces["r501"], site.spaces["r502"]
    assert (first.office, first.area_m2, first.text.zh) == ("general", 36.0, "501 室")
    assert (second.office, second.area_m2) == ("finance", 12.0)
    assert list(site.spaces)[-2:] == ["r501", "r502"]


def test_a_mistake_in_a_template_is_told_once_and_names_the_use(tmp_path: Path) -> None:
    text = small_text(tmp_path) + TEMPLATED.replace("class: office", "clas: office")
    loaded = load_site(written(tmp_path, text))
    lines = text.splitlines()
    (problem,) = loaded.problems
    assert "clas:" in lines[problem.line - 1]
    use = next(number for number, line in enumerate(lines, 1) if "id: 501" in line)
    assert f"`use` at line {use}" in problem.what.en
    assert f"第 {use} 行" in problem.what.zh


def test_a_parameter_without_quotes_is_told(tmp_path: Path) -> None:
    loaded = load_site(written(tmp_path, small_text(tmp_path) + TEMPLATED.replace('"{area_m2}"', "{area_m2}")))
    (problem,) = loaded.problems
    assert problem.code == "parameter"
    assert problem.hint is not None
    assert '"{area_m2}"' in problem.hint.en


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("parameters: {id: ,", "parameters: {Id-1: , id: ,"), "parameter"),
        (("{template: room, id: 501}", "room"), "missing_key"),
        (("use:\n", "use: 3\nnothing:\n"), "wrong_type"),
        (("parameters: {id: , office: general, area_m2: 36.0, classes: [office]}", "parameters: 7"), "wrong_type"),
        (("    spaces:\n", "    spaces: r1\n    offices:\n"), "wrong_type"),
    ],
)  # fmt: skip
def test_malformed_templates_are_problems(tmp_path: Path, change: tuple[str, str], code: str) -> None:
    assert change[0] in TEMPLATED
    loaded = load_site(written(tmp_path, small_text(tmp_path) + TEMPLATED.replace(*change)))
    assert code in {problem.code for problem in loaded.problems}
    assert loaded.site is None


def test_a_misspelt_key_is_one_mistake_not_two(tmp_path: Path) -> None:
    text = small_text(tmp_path).replace("  outdoor_unit: vrf-1", "  outdor_unit: vrf-1", 1)
    problems = load_site(written(tmp_path, text)).problems
    assert [problem.code for problem in problems] == ["unknown_key"]


def test_a_wrong_entry_does_not_make_what_refers_to_it_wrong(tmp_path: Path) -> None:
    text = small_text(tmp_path)
    for old, new in (("level: 4", "level: x"), ("headcount: 6", "headcount: x"), ("unit: 11", "unit: x")):
        assert old in text
        text = text.replace(old, new)
    assert {problem.code for problem in load_site(written(tmp_path, text)).problems} == {"wrong_type"}
    assert len(load_site(written(tmp_path, text)).problems) == 3


def test_a_broken_profile_beside_the_site_is_told(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text("profile: other\n", encoding="utf-8")
    loaded = load_site(written(tmp_path, small_text(tmp_path)))
    assert {(problem.file, problem.line, problem.code) for problem in loaded.problems} == {
        ("profiles/mine.yaml", 1, "missing_key")
    }
    assert loaded.site is None


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("setpont_c", ["setpoint_c", "mode"], "setpoint_c"),
        ("setpoint", ["setpoint_c", "mode"], "setpoint_c"),
        ("Finance", ["finance"], "finance"),
        ("colour", ["id", "name"], None),
        ("r499", ["r1", "hall"], None),
        ("x", [], None),
    ],
)
def test_only_what_is_near_is_offered(word: str, known: list[str], expected: str | None) -> None:
    assert near_miss(word, known) == expected


def test_the_policy_can_be_judged_beside_mistakes_elsewhere(tmp_path: Path) -> None:
    text = small_text(tmp_path).replace("headcount: 6", "headcount: x")
    text += "policy: {preset: hunan_bureau_2022, parameters: {window: 08:00-16:00}}\n"
    loaded = load_site(written(tmp_path, text))
    assert (loaded.site, loaded.file) == (None, None)
    assert loaded.readable is not None
    assert loaded.readable.policy.parameters == {"window": "08:00-16:00"}
    assert [office.id for office in loaded.readable.offices] == ["general"]
    assert loaded.readable.polls.fast_s == 2.0
    broken = load_site(written(tmp_path, text.replace("preset: hunan_bureau_2022", "preset: 3")))
    assert broken.readable is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("buildings:", "bulidings:"),
        ("offices:", "ofices:"),
        ("links:", "link:"),
        ("spaces:", "spces:"),
        ("devices:", "devces:"),
        ("equipment:", "equipmnt:"),
        ("  floors:", "  flors:"),
    ],
)
def test_a_misspelt_section_is_one_mistake_whatever_refers_to_it(tmp_path: Path, old: str, new: str) -> None:
    text = small_text(tmp_path)
    assert old in text
    loaded = load_site(written(tmp_path, text.replace(old, new)))
    assert [problem.code for problem in loaded.problems] == ["unknown_key"]
    assert loaded.problems[0].hint is not None


ODD = ("", "[]", "{}", "3", "-1.5", "x", "'{id}'", "[[], {}]", "{a: {b: c}}", "2026-01-01", "null", "!x y", "*z", "\t")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.sampled_from(ODD))
def test_whatever_is_written_loading_does_not_raise(tmp_path: Path, number: int, odd: str) -> None:
    lines = (small_text(tmp_path) + TEMPLATED).splitlines()
    row = number % len(lines)
    lines[row] = lines[row].partition(":")[0] + ": " + odd if ":" in lines[row] else odd
    loaded = load_site(written(tmp_path, "\n".join(lines)))
    assert (loaded.site is None) == bool(loaded.errors)
    for problem in loaded.problems:
        assert 1 <= problem.line <= len(lines) + 1
        assert problem.what.zh != problem.what.en


def test_the_site_file_of_the_manual_is_right(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "site-file.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    assert len(blocks) >= 2
    loaded = load_site(written(tmp_path, "\n".join(blocks)))
    assert loaded.problems == ()
    assert loaded.site is not None


def test_the_manual_names_every_key() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "site-file.md").read_text(encoding="utf-8")
    missing = [key for key in sorted(_keys(SiteFile.model_json_schema())) if f"`{key}`" not in manual]
    assert missing == []


def _keys(schema: dict[str, Any]) -> set[str]:
    """Every key an entry may have; those of names and of whole sections by themselves need no explanation."""
    models = [schema, *schema["$defs"].values()]
    return {key for model in models for key in model.get("properties", {})} - {"zh", "en"}


@pytest.mark.parametrize(
    ("codes", "item", "expected"),
    [
        ("national_2009", "item: power, sub_item: lifts", []),
        ("national_2009", "item: power, sub_item: lfits", ["unknown_word"]),
        ("national_2009", "item: special, sub_item: lifts", ["unknown_word"]),
        ("national_2009", "item: power, sub_item: power", ["unknown_word"]),
        ("national_2009", "sub_item: lifts", ["missing_key"]),
        ("national_2009", "item: power, sub_item: kettles", ["unknown_word"]),
        ("local_variant", "item: power, sub_item: kettles", []),
        ("local_variant", "item: special, sub_item: laundry", ["unknown_word"]),
    ],
)
def test_a_sub_item_is_a_word_of_the_sites_own_code_table(
    tmp_path: Path, codes: str, item: str, expected: list[str]
) -> None:
    text = small_text(tmp_path) + f"accounting: {{item_codes: {codes}}}\n"
    text = text.replace("  item: lighting_sockets", "\n".join(f"  {part}" for part in item.split(", ")), 1)
    loaded = load_site(written(tmp_path, text))
    assert [problem.code for problem in loaded.problems] == expected
    for problem in loaded.problems:
        assert "sub_item:" in text.splitlines()[problem.line - 1]


def test_a_near_miss_of_a_sub_item_is_offered(tmp_path: Path) -> None:
    text = small_text(tmp_path).replace("  item: lighting_sockets", "  item: power\n  sub_item: lift", 1)
    (problem,) = load_site(written(tmp_path, text)).problems
    assert problem.hint == Text("是否想写 `lifts`？", "did you mean `lifts`?")
    assert "`lifts`, `water_pumps`, `fans`" in problem.what.en


def test_mistakes_in_a_table_of_the_sites_own_are_told_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("codes: other\nname: {zh: 表}\n", encoding="utf-8")
    loaded = load_site(written(tmp_path, small_text(tmp_path) + "accounting: {item_codes: ./own.yaml}\n"))
    assert loaded.site is None
    assert {problem.file for problem in loaded.problems} == {"own.yaml"}
    assert {"missing_key"} == {problem.code for problem in loaded.problems}


def test_a_store_on_a_server_needs_its_address(tmp_path: Path) -> None:
    for engine, keys in (("influxdb", ["url", "database"]), ("victoriametrics", ["url"]), ("embedded", [])):
        loaded = load_site(written(tmp_path, small_text(tmp_path) + f"store: {{engine: {engine}}}\n"))
        assert [problem.what.en for problem in loaded.problems] == [
            f"{engine} has no `{key}`; expected one" for key in keys
        ]


@pytest.mark.parametrize(
    ("headcount", "codes"), [("0", ["quota_without_heads"]), ("null", ["quota_without_heads"]), ("1", [])]
)
def test_a_quota_per_head_needs_heads(tmp_path: Path, headcount: str, codes: list[str]) -> None:
    quota = f"headcount: {headcount}\n  quota: {{electricity_kwh_per_head_month: 0.0}}"
    loaded = load_site(written(tmp_path, small_text(tmp_path).replace("headcount: 6", quota)))
    assert [problem.code for problem in loaded.problems] == codes
    assert loaded.site is not None


VIRTUAL = """
- id: both
  kind: virtual_meter
  members: [{meter: meter-401}, {meter: meter-402, percent: -12.5}]
  parent: PARENT
  FEEDS
"""


@pytest.mark.parametrize(
    ("parent", "feeds", "codes"),
    [
        ("null", "", []),
        ("main-meter", "", []),
        ("main-meter", "feeds: {building: main}", []),
        ("null", "feeds: {office: finance}", ["outside_tree"]),
        ("main-meter", "feeds: {office: finance}", ["charged_twice"]),
        ("meter-401", "feeds: {office: general}", []),
    ],
)
def test_a_virtual_meter_has_its_place_or_is_told(tmp_path: Path, parent: str, feeds: str, codes: list[str]) -> None:
    text = small_text(tmp_path).replace(
        "equipment:\n", "equipment:\n" + VIRTUAL.replace("PARENT", parent).replace("FEEDS", feeds).strip() + "\n"
    )
    loaded = load_site(written(tmp_path, text))
    assert [problem.code for problem in loaded.problems] == codes
    assert loaded.site is not None
    assert list(loaded.site.virtual_meters) == ["both"]
    assert "both" not in loaded.site.meters
    assert list(loaded.site.all_meters) == ["both", "main-meter", "meter-401", "meter-402"]
    assert [member.percent for member in loaded.site.virtual_meters["both"].members] == [100.0, -12.5]


def test_a_virtual_meter_counts_as_the_meter_of_an_office(tmp_path: Path) -> None:
    text = small_text(tmp_path).replace("    office: finance\n  item", "    equipment: ac-401\n  item")
    assert [problem.code for problem in load_site(written(tmp_path, text)).problems] == ["unmetered_office"]
    virtual = VIRTUAL.replace("PARENT", "meter-401").replace("FEEDS", "feeds: {office: finance}").strip()
    loaded = load_site(written(tmp_path, text.replace("equipment:\n", f"equipment:\n{virtual}\n", 1)))
    assert loaded.problems == ()
    assert loaded.site is not None
    assert loaded.site.office_of("both") == "finance"


def test_a_virtual_meter_may_be_shared_out_but_tells_no_kettle_that_it_boils(tmp_path: Path) -> None:
    virtual = VIRTUAL.replace("PARENT", "PLACE").replace("FEEDS", "").strip()
    text = small_text(tmp_path).replace("  split: none", "  meter: both", 1)
    for place, codes in (("meter-401", []), ("main-meter", ["charged_twice"]), ("null", ["outside_tree"])):
        site = text.replace("equipment:\n", f"equipment:\n{virtual.replace('PLACE', place)}\n", 1)
        assert [problem.code for problem in load_site(written(tmp_path, site)).problems] == codes
    kettle = "- {id: kettle, kind: kettle, device: th-401, meter: both}"
    site = text.replace("equipment:\n", f"equipment:\n{virtual.replace('PLACE', 'main-meter')}\n{kettle}\n", 1)
    told_of = [problem for problem in load_site(written(tmp_path, site)).problems if problem.code == "wrong_kind"]
    assert ["expected `electricity_meter`" in problem.what.en for problem in told_of] == [True]


def test_a_pulse_counter_or_a_power_reading_makes_a_meter(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    for name, point in (("pulses", "quantity: count, counter: true"), ("power", "quantity: active_power, unit: W")):
        (tmp_path / "profiles" / f"only_{name}.yaml").write_text(
            ONLY.replace("NAME", name).replace("POINT", point), "utf-8"
        )
    text = small_text(tmp_path).replace(
        "  profile: chint_dtsu666\n  link: meters\n  unit: 11", "  profile: PROFILE\n  link: meters\n  unit: 11"
    )
    assert "PROFILE" in text
    weighed = text.replace("- id: meter-401\n", "- id: meter-401\n  per_pulse: 0.001\n")
    for profile, site, codes in (
        ("only_power", text, []), ("only_pulses", weighed, []),
        ("only_pulses", text, ["kind"]), ("only_power", weighed, ["kind"]),
    ):  # fmt: skip
        problems = load_site(written(tmp_path, site.replace("PROFILE", profile))).problems
        assert [problem.code for problem in problems] == codes


ONLY = """
profile: only_NAME
name: {zh: 表}
kind: electricity_meter
protocol: modbus
source: {document: made up for these tests, grade: community}
modbus:
  - {id: NAME, name: {zh: 数}, POINT, table: holding, address: 0}
"""
