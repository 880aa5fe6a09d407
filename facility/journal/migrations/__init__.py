"""Alembic's scripts that bring a journal of any earlier version to the tables of today.

There is no way back: an earlier version refuses a newer journal, and a backup made before the upgrade is restored.
"""
