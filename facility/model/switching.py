"""Entries about equipment that is switched on and off: lighting, lifts, dehumidifiers, plants of chilled water."""

from __future__ import annotations
