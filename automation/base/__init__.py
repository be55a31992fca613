"""What everything stands on: errors, the catalogue of sentences, where templates and config lie."""
