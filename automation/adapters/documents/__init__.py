"""The attachments of the summary: tables, draft report, picture of the trend."""
