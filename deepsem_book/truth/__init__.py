"""Simulated cells whose network is known, and how well each method finds it."""
