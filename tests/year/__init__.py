"""A simulated year of the example site, checked minute by minute, and compared with the same year without control."""
