"""`python -m automation` is the same program as `tccb`."""

from automation.cli.main import main

main()
