"""The command `deepsem`: infer, embed, simulate, evaluate and data for a reader's own files.

options.py holds the options and their help, commands.py what each command does. Exit codes: 0 done,
1 training or system failed, 2 bad input or usage, 3 most seeds did not train (the network is
written, and should not be used), 130 interrupted.
"""

import argparse
import errno
import json
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from deepsem_minimal.parallel import out_of_memory
from deepsem_minimal.train import TrainingError

from .. import datasets
from ..errors import BadInput
from .options import parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no error of a user's input shows a traceback."""
    args = parser().parse_args(argv)
    with warnings.catch_warnings():  # anndata's; what matters is said in our own words
        warnings.filterwarnings("ignore", ".* names are not unique", UserWarning)
        warnings.filterwarnings("ignore", module="anndata")
        warnings.filterwarnings("ignore", "adata.X holds whole numbers")  # as --scale log told
        return run(args)


def run(args: argparse.Namespace) -> int:
    try:
        summary = args.run(args)
        interrupted = summary.pop("interrupted", False)
        if args.json:
            print(as_json(summary))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return fail("interrupted; no file was left half written", 130)
    except (BadInput, ValueError, datasets.DataUnavailable) as error:
        return fail(str(error), 2)
    except TrainingError as error:
        return fail(str(error), 1)
    except BrokenPipeError:  # the reader of our output, as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return fail(os_error(error, args), 1)
    except (MemoryError, RuntimeError) as error:  # torch has no MemoryError
        if not out_of_memory(error):
            raise
        return fail("not enough memory: use fewer genes (--genes), fewer --jobs or --device cpu", 1)
    if summary.get("failed"):
        return fail(summary["failed"], 1)
    return 130 if interrupted else 3 if summary.get("sick") else 0


def fail(message: str, code: int) -> int:
    print(f"deepsem: {message}", file=sys.stderr)
    return code


def os_error(error: OSError, args: argparse.Namespace) -> str:
    """What the system refused, and what to do."""
    what = error.filename or getattr(args, "out", None) or args.command
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return (
            f"{what}: {error.strerror}. No file was left half written: free some space, or write "
            "into another folder with --out."
        )
    return f"{what}: {error.strerror or error}"


def as_json(summary: dict[str, Any]) -> str:
    """One line of JSON; what is not known (NaN) is null, as the standard wants."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: clean(part) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [clean(part) for part in value]
        return None if isinstance(value, float) and not np.isfinite(value) else value

    return json.dumps(clean(summary), default=str)


if __name__ == "__main__":
    sys.exit(main())
