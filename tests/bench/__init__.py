"""Benchmarks that compare: each is a ratio of two costs, measured in turn in one run. `python -m tests.bench`."""
