"""`python -m houqin` is the same as `houqin`."""

from houqin.cli import main

main()
