"""What was kept to and what was not: patrol lists, minutes per office and rule."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["control"])
