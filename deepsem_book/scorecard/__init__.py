"""What reproduces: chapter 14. The one subject that reads others.

`claim`: what a claim is, and its verdict; `inference`, `other_parts`: every claim of the paper
beside our tables; `claims`: all of them, judged; `board`: tables; `figures`.
"""

from .. import benchmark_table
from . import board, claim, claims, figures, inference, other_parts

__all__ = ["benchmark_table", "board", "claim", "claims", "figures", "inference", "other_parts"]
