"""Draws a whole workbook: tabs, styles, validation, charts, and what a load through openpyxl would lose."""
