"""What is measured, and against whom. `python -m benchmarks` writes docs/benchmarks.md."""
