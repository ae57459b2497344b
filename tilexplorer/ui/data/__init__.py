"""The parts of the data page: what is published, what can be added, what can be taken away, what can be undone."""
