"""The account book: what was used, by whom, what it cost, and what stands in doubt, from store, records and site.

Everything here blocks: call it off the event loop. The reckoning itself is in `facility.accounting`, which does no I/O.
"""
