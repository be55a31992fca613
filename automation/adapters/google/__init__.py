"""A workbook in a spreadsheet at Google."""
