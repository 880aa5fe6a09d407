"""Finding out what hangs on a line before there is a site file: who answers, and what it is likely to be."""
