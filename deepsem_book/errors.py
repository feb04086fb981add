"""What was asked for cannot be done: one error with what to do instead."""

from collections.abc import Iterable
from typing import Any


class BadInput(ValueError):
    """What was asked for cannot be run; nothing was trained."""


def first_few(names: Iterable[Any], at_most: int = 6) -> str:
    """The first few names, for an error message."""
    listed = sorted({str(name) for name in names})
    return ", ".join(listed[:at_most]) + (" ..." if len(listed) > at_most else "")
