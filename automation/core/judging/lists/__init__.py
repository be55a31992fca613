"""What is said of the lists in tabs of units: why one cannot be read, what in one is not as it seems."""
