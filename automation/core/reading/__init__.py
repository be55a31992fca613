"""From cells as people leave them to values: cells, headers, columns, spellings."""
