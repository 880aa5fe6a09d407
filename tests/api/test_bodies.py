"""Whatever bytes come in as a body: either what the model wants, or a refusal in words."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from api.bodies import parse_body
from api.problems import RequestProblem
from api.services.commands import CommandBody
from api.services.forecasts import ForecastBody

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["on", "mode", "setpoint_c", "fan", "until", "reason", "daily_max_c", "valid_until", "x"])


def refusal(raw: bytes, model: type[BaseModel]) -> int | None:
    """The status that `raw` is refused with, None when it is taken."""
    try:
        parse_body(raw, model)
    except RequestProblem as problem:
        return problem.status
    return None


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200) | st.dictionaries(FIELDS, ANYTHING, max_size=5).map(lambda body: json.dumps(body).encode())
)
def test_any_body_is_taken_or_refused_never_worse(raw: bytes) -> None:
    for model in (CommandBody, ForecastBody):
        assert refusal(raw, model) in (None, 400, 422)


SEEN = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])


@settings(max_examples=50, deadline=None)
@given(st.floats(5, 40), st.booleans(), st.text(SEEN, max_size=500).map(str.strip))
def test_a_right_body_is_taken_as_it_is(setpoint_c: float, on: bool, reason: str) -> None:
    raw = json.dumps({"on": on, "setpoint_c": setpoint_c, "reason": reason}).encode()
    body = parse_body(raw, CommandBody)
    assert (body.on, body.setpoint_c, body.reason) == (on, setpoint_c, reason)
