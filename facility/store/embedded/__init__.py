"""The time-series engine that needs no server: a log for what is recent, sealed compressed blocks for the rest."""

from facility.store.embedded.engine import EmbeddedStore
from facility.store.embedded.reader import EmbeddedReader

__all__ = ["EmbeddedReader", "EmbeddedStore"]
