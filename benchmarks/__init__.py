"""What is measured, drawn or made from the running program rather than tested: `python -m benchmarks.<name>`."""
