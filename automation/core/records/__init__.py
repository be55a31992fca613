"""What is kept of the workbook beside it, and what becomes of that: copies, frozen results, what is purged."""
