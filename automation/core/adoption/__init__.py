"""What a workbook as units keep it would become: which tab is whose, which column is which field, what is not clear."""
