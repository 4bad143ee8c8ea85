"""The one kind of failure that is told to the user in a sentence."""

from __future__ import annotations


class BenchError(Exception):
    """Says what is wrong and, where it can, what to do about it."""
