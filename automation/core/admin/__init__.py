"""The config tabs: read, refused, marked, compared, rehearsed."""
