"""Keeps a building's memory beyond one machine: backup and restore, exchange as tables, moving between stores.

Blocking code: it runs in commands of its own, beside a running Houqin, never on an event loop.
"""
