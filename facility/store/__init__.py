"""Time series: one protocol, several engines."""

from facility.store.protocol import Aggregate, Bucket, Series, Store

__all__ = ["Aggregate", "Bucket", "Series", "Store"]
