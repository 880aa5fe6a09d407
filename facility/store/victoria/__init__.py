"""The time-series engine that writes to a VictoriaMetrics server."""

from facility.store.victoria.engine import VictoriaStore

__all__ = ["VictoriaStore"]
