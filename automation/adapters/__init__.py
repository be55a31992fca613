"""The outside: workbooks, the store, mail, documents."""
