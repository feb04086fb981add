"""Writes constraints.txt from a fresh resolution of requirements.txt; installs nothing."""

import json
import subprocess
import sys

from toc import ROOT

HEAD = "# The whole set that is tested, on Python 3.11. Made by: make constraints\n"


def resolve(pins: list[str]) -> list[str]:
    """name==version of every package that pip would install into an empty environment."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    command += ["--report", "-", "-r", str(ROOT / "requirements.txt"), *pins]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    packages = [item["metadata"] for item in json.loads(answer)["install"]]
    # A build's local part, as in 2.13.0+cpu, is this machine's choice and not pinned.
    return sorted((f"{m['name']}=={m['version'].split('+')[0]}" for m in packages), key=str.lower)


if __name__ == "__main__":
    pins = resolve(sys.argv[1:])
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(pins) + "\n")
    print(f"{len(pins)} packages pinned")
