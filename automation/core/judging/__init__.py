"""From rows to findings, statuses and standings."""
