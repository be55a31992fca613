"""The program: one cycle, the worker, set-up, mails by hand, and what ties them to the machine."""
