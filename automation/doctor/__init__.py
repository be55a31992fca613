"""`tccb doctor`: what is set up, what is not, and how to fix each. It looks; it writes nothing and sends no mail."""
