"""Changes the addresses of the repository and of the hosted book wherever they stand."""

import argparse
import re
import sys

from toc import ROOT, colab_url, repository_url, site_url

FILES = [
    "_config.yml",
    "*.md",
    "CITATION.cff",
    "pyproject.toml",
    "book/*.md",
    "notebooks/*",
    "teaching/class/*",
    ".github/**/*",
]
COLAB = re.compile(r"\[Colab\]\(\S+?/((?:notebooks|teaching/class)/\w+)\.ipynb\)")
GITHUB = re.compile(r"https://github\.com/([^/]+)/([^/]+)")


def pages_of(repository: str) -> str:
    """Where GitHub hosts the pages of a repository; empty for other hosts."""
    match = GITHUB.fullmatch(repository)
    return f"https://{match[1].lower()}.github.io/{match[2]}" if match else ""


def with_address(text: str, old: str, new: str) -> str:
    """The text with the new address, and with Colab's links to the notebooks there.

    Colab opens notebooks of GitHub; elsewhere the links lead to the notebooks themselves.
    """
    return COLAB.sub(lambda link: f"[Colab]({colab_url(new, link[1])})", text.replace(old, new))


def main(new: str, new_site: str) -> None:
    old, old_site = repository_url(), site_url()
    for path in sorted({path for pattern in FILES for path in ROOT.glob(pattern)}):
        if path.is_dir():
            continue
        text = path.read_text(encoding="utf-8")
        changed = with_address(text.replace(old_site, new_site), old, new)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            print(path.relative_to(ROOT))


def tidy(address: str) -> str:
    return address.removesuffix("/").removesuffix(".git")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="https://github.com/OWNER/NAME")
    parser.add_argument("--site", help="where the built book is hosted, if not at GitHub's pages")
    options = parser.parse_args()
    repository = tidy(options.url)
    site = tidy(options.site or pages_of(repository))
    if not repository.startswith("https://"):
        sys.exit("usage: make repository URL=https://github.com/OWNER/NAME")
    if not site:
        sys.exit(f"{repository} is not at GitHub: say where the book is hosted, SITE=https://...")
    main(repository, site)
