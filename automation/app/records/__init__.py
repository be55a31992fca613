"""What the bot keeps beside the workbook: copies to restore, frozen results, and what is purged."""
