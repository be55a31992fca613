"""The command line: arguments in, tables and exit status out."""
