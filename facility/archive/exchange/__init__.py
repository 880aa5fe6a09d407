"""Readings as tables: CSV that a spreadsheet opens, Parquet that a data tool opens, and both back again."""
