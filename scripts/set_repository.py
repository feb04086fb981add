"""Changes the repository's address wherever it stands: _config.yml, README.md, prose, notebooks."""

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


def main(new: str) -> None:
    old = repository_url()
    for path in sorted({path for pattern in FILES for path in ROOT.glob(pattern)}):
        text = path.read_text(encoding="utf-8")
        if old in text:
            path.write_text(text.replace(old, new), encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {text.count(old)}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].startswith("https://"):
        sys.exit("usage: make repository URL=https://github.com/OWNER/NAME")
    main(sys.argv[1].removesuffix("/").removesuffix(".git"))
