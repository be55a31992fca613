"""`python -m automation` is the same program as `tccb`."""

from automation.cli import main

main()
