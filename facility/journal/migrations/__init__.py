"""Alembic's scripts that bring a journal of any earlier version to the tables of today."""
