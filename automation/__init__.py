"""Validates a shared workbook of staff, writes statuses back, reminds units and reports to HR."""

__version__ = "0.2.0"
