"""A workbook in an .xlsx file: read, edited in place, drawn."""
