"""The figures that dashboard, mails and reports show."""
