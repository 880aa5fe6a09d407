"""A secret written where its variable's name belongs is refused, and not repeated to whoever reads the mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.facility.model.test_almanac_entries import problems
from tests.sites import small_site_data

ROBOT = "https://robot.test/send?key=geheim"
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwgeheim" + "A" * 100
MAIL = {"type": "mail", "host": "mail.test", "sender": "a@b.test", "recipients": ["a@b.test"], "user_env": "USER_NAME"}


def forecast(**entry: str) -> dict[str, Any]:
    provider = {"provider": "qweather", "url": "https://a.qweatherapi.com", **entry}
    return {"weather": small_site_data()["weather"] | {"forecast": [provider]}}


def channel(**entry: Any) -> dict[str, Any]:
    return {"notify": {"channels": {"one": entry}}}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (forecast(api_key_env="4f9c2geheim"), "`api_key_env`"),
        (forecast(private_key_env=PEM, key_id="K", project_id="P"), "`private_key_env`"),
        (forecast(url="httpx://houqin:geheim@weather.test", api_key_env="KEY"), "//…@weather.test"),
        (channel(type="wecom", url_env=ROBOT), "`url_env`"),
        (channel(type="dingtalk", url_env="URL", secret_env="SECgeheim"), "`secret_env`"),
        (channel(**MAIL, password_env="geheim!"), "`password_env`"),
        (channel(type="webhook", url="ftp://houqin:geheim@hook.test"), "//…@hook.test"),
    ],
)
def test_what_stands_in_place_of_a_name_is_not_repeated(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    (said,) = problems(tmp_path, **changes)
    assert told in said
    assert "geheim" not in said
