"""Benchmarks: figures as ratios to a floor measured in the same run. Run them with ``make bench``."""
