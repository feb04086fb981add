"""Changes the repository's address wherever it stands: _config.yml, README.md, prose, notebooks."""

import re
import sys

from sync_notebooks import repository_url
from toc import ROOT

FILES = [
    "_config.yml",
    "README.md",
    "CITATION.cff",
    "pyproject.toml",
    "book/*.md",
    "notebooks/*",
]
COLAB = re.compile(r"\[Colab\]\(\S+?/(notebooks/\w+\.ipynb)\)")


def with_address(text: str, old: str, new: str) -> str:
    """The text with the new address, and with Colab's links to the notebooks there.

    Colab opens notebooks of GitHub; elsewhere the links lead to the notebooks themselves.
    """
    colab = new.replace("https://github.com/", "https://colab.research.google.com/github/")
    return COLAB.sub(rf"[Colab]({colab}/blob/main/\1)", text.replace(old, new))


def main(new: str) -> None:
    old = repository_url()
    for path in sorted({path for pattern in FILES for path in ROOT.glob(pattern)}):
        text = path.read_text(encoding="utf-8")
        changed = with_address(text, old, new)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].startswith("https://"):
        sys.exit("usage: make repository URL=https://github.com/OWNER/NAME")
    main(sys.argv[1].removesuffix("/").removesuffix(".git"))
