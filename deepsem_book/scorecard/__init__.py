"""What reproduces: chapter 14. The one subject that reads others.

`claims`: every claim of the paper with its verdict; `board`: its tables and sentences; `figures`.
"""

from .. import benchmark_table
from . import board, claims, figures

__all__ = ["benchmark_table", "board", "claims", "figures"]
