"""What reproduces: chapter 14. The one subject that reads others.

`claim`: what a claim is, and its verdict; `claims`: every claim of the paper beside our tables;
`board`: tables and sentences; `figures`.
"""

from .. import benchmark_table
from . import board, claim, claims, figures

__all__ = ["benchmark_table", "board", "claim", "claims", "figures"]
