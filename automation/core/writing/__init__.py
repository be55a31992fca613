"""What the workbook is to hold after a cycle."""
