"""Bad input gets a clear answer in both languages, never a 500."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.errors import StoreUnavailable
from tests.api.house import House, house_of

pytestmark = pytest.mark.asyncio

COMMANDS = "/api/v1/equipment/ac-401/commands"

BODIES = [
    (b'{"setpoint_c": NaN}', 400, "not_json"),
    (b'{"setpoint_c": Infinity}', 400, "not_json"),
    (b'{"setpoint_c": 1e400}', 400, "not_json"),
    (b"", 400, "not_json"),
    (b"{", 400, "not_json"),
    (b"\xff\xfe{}", 400, "not_json"),
    (b'{"reason": "\\ud800", "on": true}', 400, "not_json"),
    (b"[" * 100_000, 400, "not_json"),
    (b'{"a":' * 100_000, 400, "not_json"),
    (b"[" * 900 + b"]" * 900, 400, "not_json"),
    (b'{"on": true, "on": false}', 400, "key_twice"),
    (b'{"on": "yes"}', 422, "wrong_body"),
    (b'{"on": 1}', 422, "wrong_body"),
    (b'{"setpoint_c": false}', 422, "wrong_body"),
    (b'{"setpoint_c": "28"}', 422, "wrong_body"),
    (b'{"setpoint_c": 1000}', 422, "wrong_body"),
    (b'{"mode": "freeze"}', 422, "wrong_body"),
    (b'{"on": true, "setpiont_c": 28}', 422, "wrong_body"),
    (b'{"on": true, "actor": "boss"}', 422, "wrong_body"),
    (b'{"on": true, "until": "2026-07-15T17:00:00"}', 422, "wrong_body"),
    (b'{"on": true, "until": 5}', 422, "wrong_body"),
    (b'{"on": true, "until": "2026-07-15T10:00:00+08:00"}', 422, "wrong_until"),
    (b'{"on": true, "until": "2027-07-15T10:00:00+08:00"}', 422, "wrong_until"),
    (b"{}", 422, "wrong_body"),
    (b'{"reason": "x"}', 422, "wrong_body"),
    (b"[]", 422, "wrong_body"),
    (b"null", 422, "wrong_body"),
    (b'{"on": true, "reason": "' + b"x" * 501 + b'"}', 422, "wrong_body"),
]


async def test_a_wrong_body_is_said_to_be_wrong(house: House) -> None:
    async with house.client("duty_room") as client:
        for body, status, code in BODIES:
            response = await client.post(COMMANDS, content=body, headers={"Content-Type": "application/json"})
            assert (response.status_code, response.json()["code"]) == (status, code), (body[:80], response.text)
            assert response.headers["content-type"] == "application/problem+json"
            assert set(response.json()["text"]) == {"zh", "en"}
    assert house.journal.commands() == []


async def test_the_field_that_is_wrong_is_named_in_both_languages(house: House) -> None:
    async with house.client("duty_room") as client:
        response = await client.post(COMMANDS, json={"on": "yes", "setpiont_c": 28, "mode": "freeze"})
    found = {field["where"]: field["what"]["zh"] for field in response.json()["fields"]}
    assert found["body.on"] == "必须是 true 或 false"
    assert found["body.setpiont_c"] == "没有这个字段"
    assert "cool" in found["body.mode"]


async def test_a_list_of_words_and_a_length_are_said_in_the_readers_language(house: House) -> None:
    async with house.client("duty_room") as client:
        response = await client.post(COMMANDS, json={"mode": "freeze", "reason": "x" * 501})
    found = {field["where"]: field["what"] for field in response.json()["fields"]}
    assert found["body.mode"]["zh"] == "必须是 'cool'、'heat'、'dry'、'fan'、'auto' 之一"
    assert found["body.mode"]["en"] == "must be one of 'cool', 'heat', 'dry', 'fan' or 'auto'"
    assert found["body.reason"] == {"zh": "最多 500 个字", "en": "at most 500 characters"}


NOTHING_HERE = [
    ("GET", "/api/v1/nope", 404, None),
    ("GET", "/api/v1/site/", 404, None),
    ("GET", "/docs/assets/a%2fb", 404, None),
    ("PUT", COMMANDS, 405, "POST"),
    ("DELETE", "/api/v1/health", 405, "GET"),
    ("HEAD", "/api/v1/live/stream", 405, "GET"),
]


@pytest.mark.parametrize("pages", [False, True])
async def test_beside_the_api_there_is_a_problem_and_never_a_page(tmp_path: Path, pages: bool) -> None:
    async with house_of(tmp_path, pages=pages) as house, house.client("administrator") as client:
        for method, path, status, allow in NOTHING_HERE:
            response = await client.request(method, path)
            found = (response.status_code, response.headers["content-type"], response.headers.get("allow"))
            assert found == (status, "application/problem+json", allow), path


async def test_head_tells_that_we_live_without_a_body(house: House) -> None:
    async with house.client() as client:
        whole = await client.get("/api/v1/site")
        response = await client.head("/api/v1/site")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == str(len(whole.content))


async def test_only_json_is_taken(house: House) -> None:
    async with house.client("duty_room") as client:
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"):
            headers = {"Content-Type": content_type}
            response = await client.post(COMMANDS, content=b'{"on": false}', headers=headers)
            assert response.status_code == 415, content_type


class Endless:
    """Fifty megabytes in chunks, without saying before how much it is."""

    def __init__(self) -> None:
        self.sent = 0

    def __aiter__(self) -> Endless:
        return self

    async def __anext__(self) -> bytes:
        if self.sent == 50:
            raise StopAsyncIteration
        self.sent += 1
        return b" " * (1 << 20)


async def test_a_large_body_is_refused_with_and_without_its_length_told(house: House) -> None:
    async with house.client("duty_room") as client:
        headers = {"Content-Type": "application/json"}
        told = await client.post(COMMANDS, content=b" " * (50 << 20), headers=headers)
        untold = await client.post(COMMANDS, content=Endless(), headers=headers)
    assert (told.status_code, untold.status_code) == (413, 413)


async def test_a_strangers_large_body_is_not_looked_at(house: House) -> None:
    async with house.client(None) as stranger:
        assert (await stranger.post(COMMANDS, content=b" " * (2 << 20))).status_code == 401


async def test_what_a_person_writes_stays_one_line(house: House) -> None:
    async with house.client("duty_room") as client:
        body = {"on": False, "reason": " first\r\nsecond\x00third\u2028fourth "}
        accepted = await client.post(COMMANDS, json=body)
        told = await client.get(f"/api/v1/commands/{accepted.json()['command_id']}")
    assert told.json()["reason"]["zh"] == "first second third fourth"


QUERIES = [
    "/api/v1/history?point=meter-401.power&format=csv",
    "/api/v1/usage?by=room",
    "/api/v1/usage?ofice=finance",
    "/api/v1/usage?start=yesterday",
    "/api/v1/usage?start=0001-01-01&end=9999-12-31&every=hour",
    "/api/v1/usage?start=2026-07-15&end=2026-07-14",
    "/api/v1/usage?start=1990-01-01&every=hour",
    "/api/v1/usage?format=xml",
    "/api/v1/points/meter-401.power/history?start=2026-01-01",
    "/api/v1/points/meter-401.power/history?start=2026-07-01&every=1s",
    "/api/v1/points/meter-401.power/history?every=0s",
    "/api/v1/points/meter-401.power/history?every=1y",
    "/api/v1/points/meter-401.power/history?every=999999d",
    "/api/v1/points/meter-401.power/history?every=5m&aggregate=median",
    "/api/v1/history",
    "/api/v1/history?point=x&" + "&".join("point=meter-401.power" for _ in range(60)),
    "/api/v1/decisions?limit=0",
    "/api/v1/decisions?limit=1e9",
    "/api/v1/statements/finance/2026-13",
    "/api/v1/statements/finance/2026-07x",
    "/api/v1/statements/finance/9999-12",
    "/api/v1/statements/finance/2026-08",
]


async def test_a_wrong_question_is_said_to_be_wrong(house: House) -> None:
    async with house.client("administrator") as client:
        for query in QUERIES:
            response = await client.get(query)
            assert response.status_code == 422, (query, response.text)
            assert response.headers["content-type"] == "application/problem+json"


async def test_too_large_a_range_says_how_to_ask_for_less(house: House) -> None:
    async with house.client() as client:
        response = await client.get("/api/v1/points/meter-401.power/history?start=2026-01-01&lang=en")
    assert response.json()["code"] == "range_too_large"
    assert "every" in response.json()["hint"]["en"]
    assert "every" in response.json()["hint"]["zh"]


UNKNOWN = [
    "points/x.y", "points/x.y/history", "live?equipment=x", "live?office=x", "live/stream?office=x",
    "equipment/x/decision", "equipment/ac-401/decision", "commands/x", "statements/x/2026-07", "decisions?equipment=x",
]  # fmt: skip


async def test_an_unknown_id_is_a_404_in_words(house: House) -> None:
    async with house.client() as client:
        for path in UNKNOWN:
            response = await client.get(f"/api/v1/{path}")
            assert response.status_code == 404, path
            assert response.json()["code"] in ("unknown_id", "not_decided_yet")


LANGUAGES = [
    ("", "", "没有这个地址"),
    ("en-GB,en;q=0.9", "", "there is nothing at this address"),
    ("fr, zh-CN;q=0.8, en;q=0.5", "", "没有这个地址"),
    ("zh-CN", "?lang=en", "there is nothing at this address"),
]


async def test_the_reader_chooses_the_language(house: House) -> None:
    async with house.client() as client:
        for header, query, title in LANGUAGES:
            response = await client.get(f"/api/v1/points/x.y{query}", headers={"Accept-Language": header})
            assert response.json()["title"] == title


async def test_a_failing_store_is_a_503_and_an_unexpected_error_a_500_without_a_trace(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable("the disk is full")

    def odd(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    async with house.client() as client:
        monkeypatch.setattr(house.store, "raw", broken)
        assert (await client.get("/api/v1/points/meter-401.power/history")).status_code == 503
        monkeypatch.setattr(house.store, "raw", odd)
        response = await client.get("/api/v1/points/meter-401.power/history")
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert "secret" not in response.text


async def test_a_wish_that_cannot_be_audited_is_not_taken_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable("the disk is full")

    from facility.bus import ProposalMade

    heard: list[ProposalMade] = []
    house.bus.listen(ProposalMade, heard.append)
    monkeypatch.setattr(house.journal, "audit", broken)
    async with house.client("duty_room") as client:
        assert (await client.post(COMMANDS, json={"on": False})).status_code == 503
    assert heard == []


async def test_a_plus_that_became_a_space_and_local_times_are_understood(tmp_path: Path) -> None:
    async with house_of(tmp_path, open_reading=True) as house, house.client(None) as client:
        starts = set()
        for text in ("2026-07-15", "2026-07-15T00:00", "2026-07-15T00:00:00+08:00", "2026-07-14T16:00:00Z",
                     "2026-07-15 00:00:00"):  # fmt: skip
            response = await client.get(f"/api/v1/usage?start={text}")
            assert response.status_code == 200, text
            starts.add(response.json()["rows"][0]["start"])
    assert starts == {"2026-07-15T00:00:00+08:00"}
