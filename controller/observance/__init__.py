"""What was kept to and what was not: minutes per rule and day, and the list of the evening's patrol."""
