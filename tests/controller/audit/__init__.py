"""An independent reading of the rules, and what it found."""
