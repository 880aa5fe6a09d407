"""Exactly one acts, and acts safely."""
