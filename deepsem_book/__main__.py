"""The command `deepsem`: says which extra is missing, or else runs own_data/cli.py."""

import sys
from collections.abc import Sequence

EXTRA = "deepsem_minimal[chapters]"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; 2, with one line, without the extra."""
    try:
        from .own_data import cli
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("deepsem_book", "deepsem_minimal", ""):
            raise  # a fault of ours, which no extra mends
        print(f"deepsem: {package} is missing: pip install '{EXTRA}'", file=sys.stderr)
        return 2
    return cli.main(argv)


if __name__ == "__main__":
    sys.exit(main())
