"""Made-up people for the demonstration, the tests and the benchmark: nobody in here exists."""
