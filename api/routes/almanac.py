"""The office's year: holidays, closures, half days, the duty roster."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["control"])
