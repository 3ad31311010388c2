"""Benchmarks: figures as JSON lines, each as a ratio to the database's own limit in the same run."""
