"""What servers and the proxies in front of them answer, and what becomes of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch
from facility.store import Store
from facility.store.connection import AnsweredWithError
from facility.store.influx import InfluxStore
from facility.store.victoria import VictoriaStore
from tests.facility.store.scripted import Answer, Scripted, scripted

HOUR_US = 3_600_000_000
ONE = Batch(time_us=1_784_088_000_000_000, points=["m.power"], values=[1.0])
NEXT = Batch(time_us=1_784_088_001_000_000, points=["m.power"], values=[2.0])
EMPTY = Answer(200, '{"data":[]}')
NO_ROWS = Answer(200, '{"data":{"result":[]}}')


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


def influx(server: Scripted) -> Store:
    return InfluxStore(server.url, "x", token="me:secret", timeout_s=5)


def victoria(server: Scripted) -> Store:
    return VictoriaStore(server.url, "x", token="me:secret", timeout_s=5)


def page(*, start: int = 100, inserted: int = 0, ignored: int = 0) -> Answer:
    """What a VictoriaMetrics says of itself."""
    return Answer(
        200,
        f"vm_app_start_timestamp {start}\nvm_app_uptime_seconds 1795000000\n"
        f'vm_rows_inserted_total{{type="influx"}} {inserted}\nvm_rows_ignored_total{{reason="x"}} {ignored}\n',
    )


def like_victoria(writes: Callable[[], Answer], metrics: Callable[[], Answer]) -> Callable[[str], Answer]:
    """Answers an empty server gives, but for writes and the page of counters."""

    def answer(path: str) -> Answer:
        if path.startswith("/api/v2/write"):
            return writes()
        if path.startswith("/metrics"):
            return metrics()
        if path.startswith("/api/v1/query"):
            return NO_ROWS
        if path.startswith("/api/v1/export"):
            return Answer(200)
        return EMPTY if path.startswith("/api/v1/label") else Answer(404, "unsupported path")

    return answer


def written(server: Scripted) -> list[bytes]:
    return [body for path, _, body in server.asked if path.startswith("/api/v2/write")]


@pytest.mark.parametrize(
    ("header", "expected_s"),
    [
        (None, None),
        ("7", 7),
        ("0", 0),
        ("86400", 600),
        (format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True), 0),
        ("soon", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_says_how_long_it_wants_to_be_left_alone(
    server: Scripted, status: int, header: str | None, expected_s: float | None
) -> None:
    server.answer = lambda _: Answer(status, "busy", {} if header is None else {"Retry-After": header})
    for store in (influx(server), victoria(server)):
        with pytest.raises(StoreUnavailable, match=f"{status} busy") as caught:
            store.append([ONE])
        assert caught.value.retry_after_s == expected_s
        store.close()


def test_a_date_to_come_back_at_is_seconds_from_now(server: Scripted) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.answer = lambda _: Answer(503, "", {"Retry-After": later})
    store = influx(server)
    with pytest.raises(AnsweredWithError) as caught:
        store.append([ONE])
    assert caught.value.retry_after_s == pytest.approx(90, abs=20)
    store.close()


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_will_never_be_taken_is_told_apart_from_what_may_be_later(server: Scripted, status: int) -> None:
    server.answer = lambda _: Answer(status, "partial write: field type conflict dropped=1")
    store = influx(server)
    with pytest.raises(StoreRefused, match="field type conflict"):
        store.append([ONE])
    server.answer = lambda _: Answer(401, "unauthorized")
    with pytest.raises(StoreUnavailable, match="401 unauthorized; check the server and the token"):
        store.append([ONE])
    store.close()


def test_a_server_that_does_not_answer_in_time_is_not_waited_for(server: Scripted) -> None:
    release = threading.Event()

    def slow(_: str) -> Answer:
        release.wait(20)
        return Answer()

    server.answer = slow
    for store in (
        InfluxStore(server.url, "x", timeout_s=0.05),
        VictoriaStore(server.url, "x", timeout_s=0.05),
    ):
        with pytest.raises(StoreUnavailable, match=r"does not answer: .*timed out"):
            store.append([ONE])
        store.close()
    release.set()


def test_the_token_goes_as_each_server_wants_it(server: Scripted) -> None:
    server.answer = lambda _: Answer(503)
    for store, expected in (
        (influx(server), "Token me:secret"),
        (victoria(server), "Basic bWU6c2VjcmV0"),
        (VictoriaStore(server.url, token="secret"), "Bearer secret"),
        (VictoriaStore(server.url), None),
    ):
        server.asked.clear()
        with pytest.raises(StoreUnavailable) as caught:
            store.append([ONE])
        assert "secret" not in str(caught.value)
        assert [headers.get("Authorization") for _, headers, _ in server.asked] == [expected]
        store.close()


def test_a_long_append_goes_in_requests_that_a_proxy_lets_pass(server: Scripted) -> None:
    store = influx(server)
    points = [f"a-rather-long-name-of-a-meter-{number:05d}.energy" for number in range(12_000)]
    store.append([Batch(time_us=ONE.time_us, points=points, values=[1.0] * len(points))])
    assert max(map(len, written(server))) < 1_000_000
    assert sum(len(body.splitlines()) for body in written(server)) == 12_000
    store.close()


def test_a_failed_write_is_not_acknowledged_and_what_was_before_it_is_sent_again_byte_by_byte(server: Scripted) -> None:
    answers = iter([Answer(), Answer(503), Answer(), Answer()])
    server.answer = like_victoria(lambda: next(answers), lambda: Answer(401))
    store = VictoriaStore(server.url)
    store.append([ONE])
    with pytest.raises(StoreUnavailable):
        store.append([NEXT])
    assert store.latest(["m.power"])["m.power"].value == 1.0
    store.append([Batch(time_us=NEXT.time_us + HOUR_US, points=["m.power"], values=[3.0])])
    first, failed, again, last = written(server)
    assert first == again
    assert len({first, failed, last}) == 3
    server.answer = lambda _: Answer(500)
    store.close()


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (page(start=100, inserted=9), 2),
        (page(start=101, inserted=9), 3),
        (page(start=100, inserted=4), 3),
    ],
)
def test_another_life_of_the_server_shows_in_its_start_or_its_counters(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, after: Answer, expected: int
) -> None:
    monkeypatch.setattr("facility.store.victoria.server._LOOK_EVERY_S", 0.0)
    pages = iter([page(start=100, inserted=5), page(start=100, inserted=5), after])
    server.answer = like_victoria(Answer, lambda: next(pages))
    store = VictoriaStore(server.url)
    store.append([ONE])
    store.append([NEXT])
    assert len(written(server)) == expected
    server.answer = lambda _: Answer(500)
    store.close()


def test_rows_that_the_server_acknowledged_and_dropped_are_counted_and_told(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("facility.store.victoria.server._LOOK_EVERY_S", 0.0)
    pages = iter([page(ignored=3), page(ignored=3), page(ignored=5), page(start=200, ignored=1)])
    server.answer = like_victoria(Answer, lambda: next(pages))
    store = VictoriaStore(server.url)
    caplog.set_level(logging.ERROR)
    store.append([ONE])
    assert (store.rejected, caplog.text) == (0, "")
    store.append([NEXT])
    assert store.rejected == 2
    assert "dropped 2 rows that it had acknowledged" in caplog.text
    store.append([Batch(time_us=NEXT.time_us + HOUR_US, points=["m.power"], values=[3.0])])
    assert store.rejected == 3
    server.answer = lambda _: Answer(500)
    store.close()


def test_without_its_counters_a_server_is_used_and_the_risk_is_told(
    server: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer = like_victoria(Answer, lambda: Answer(404))
    store = VictoriaStore(server.url)
    store.append([ONE])
    assert "shows no /metrics" in caplog.text
    server.answer = lambda _: Answer(500)
    store.close()
    assert "1 readings of the last 30 s may not be on disk" in caplog.text


def test_a_tenant_of_a_cluster_is_reached_under_its_base_address(server: Scripted) -> None:
    server.answer = like_victoria(Answer, lambda: Answer(400, "no such path"))
    inner = server.answer
    server.answer = lambda path: inner(path.removeprefix("/tenant/7"))
    store = VictoriaStore(f"{server.url}/tenant/7/", token="secret")
    store.append([ONE])
    assert store.raw("m.power", ONE.time_us, ONE.time_us + 1).values.tolist() == [1.0]
    assert {path.split("?")[0] for path, _, _ in server.asked} == {
        f"/tenant/7/{path}"
        for path in ("metrics", "internal/force_flush", "api/v1/label/point/values", "api/v2/write", "api/v1/export")
    }
    server.answer = lambda _: Answer(500)
    store.close()


@pytest.mark.parametrize("engine", [influx, victoria])
def test_a_name_that_servers_would_cut_is_refused(server: Scripted, engine: Callable[[Scripted], Store]) -> None:
    server.answer = like_victoria(Answer, page)
    store = engine(server)
    with pytest.raises(StoreRefused, match="is longer than 8192 bytes"):
        store.append([Batch(time_us=ONE.time_us, points=["长" * 2731], values=[1.0])])
    store.append([Batch(time_us=ONE.time_us, points=["长" * 2730], values=[1.0])])
    server.answer = lambda _: Answer(500)
    store.close()


def test_what_cannot_be_put_on_disk_is_bounded_by_waiting(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facility.store.victoria.engine.HELD_READINGS", 1)
    monkeypatch.setattr("facility.store.victoria.engine._SEEN_WALL_S", 0.0)
    server.answer = like_victoria(Answer, page)
    store = VictoriaStore(server.url)
    store.append([ONE])
    with pytest.raises(StoreUnavailable, match="1 readings that may not be on disk yet") as caught:
        store.append([NEXT])
    assert caught.value.retry_after_s == 5.0
    store.close()
