"""Many workbooks on several machines: which they are, and the tasks in which workers take turns with them."""
