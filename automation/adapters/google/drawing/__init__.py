"""Tab looks as requests to Google."""
