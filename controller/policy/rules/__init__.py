"""Rules written as data: conditions on what is known, effects on equipment, clauses they rest on. Pure."""
