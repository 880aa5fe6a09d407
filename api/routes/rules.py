"""The rules in force, where, and by which sentence."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["control"])
