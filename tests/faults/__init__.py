"""What goes wrong, provoked, and what Houqin does about it."""
