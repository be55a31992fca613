"""`tccb fleet`: many workbooks on several machines."""
