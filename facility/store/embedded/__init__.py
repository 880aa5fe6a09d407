"""The time-series engine that needs no server: a log for what is recent, sealed compressed blocks for the rest."""

from facility.store.embedded.engine import EmbeddedStore

__all__ = ["EmbeddedStore"]
