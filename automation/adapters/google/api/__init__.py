"""Requests to Google and their answers; nothing of our workbook."""
