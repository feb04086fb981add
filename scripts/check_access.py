"""Opens every built page in Chromium: axe-core's rules, console errors, weight, light and dark.

Wants Chromium, chromedriver and axe-core, and is skipped with a word without them (with --require
that is an error). A critical or serious violation, an error or a warning in the console and a page
that is too heavy are faults; lesser violations are listed. Each page is opened as at a first visit.
"""

import argparse
import functools
import hashlib
import http.server
import importlib.metadata
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import browser_driver
from check_site import LIMIT, LIMIT_WITH_FORMULAS
from toc import BUILD

SITE = BUILD / "html"
AXE_SHA256 = "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"  # 4.12.1
GRAVE = ("critical", "serious")
WIDE, NARROW = 1400, 400  # CSS pixels
PATIENCE = 300  # seconds that a page may take
SETTLE = 0.5  # seconds: colours change, and what scrolls at the new width becomes focusable
# Colours depend on the theme and not on the width, all else on the width and not on the theme.
NO_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
LOOKS: dict[tuple[str, int], dict[str, Any]] = {
    ("light", WIDE): {},
    ("dark", WIDE): COLOURS,
    ("dark", NARROW): NO_COLOURS,
}
FIRST_VISIT = 'if (location.protocol.startsWith("http")) localStorage.clear()'
# Code has thousands of coloured words of a dozen kinds: a block without a new kind is left out.
PREPARE = """
const seen = new Set();
document.querySelectorAll("div.highlight pre").forEach((block) => {
  const kinds = [...block.querySelectorAll("span[class]")].map((word) => word.className);
  if (kinds.every((kind) => seen.has(kind))) block.dataset.repeated = "";
  kinds.forEach((kind) => seen.add(kind));
});
"""
RUN = """
return axe.run({exclude: "[data-repeated]"}, {...arguments[0], resultTypes: ["violations"]}).then(
  (result) => result.violations.map((v) => ({
    rule: v.id, impact: v.impact, help: v.help,
    nodes: v.nodes.map((node) => node.target.join(" ")),
  })));
"""
WEIGH = """
const files = performance.getEntriesByType("resource").concat(
  performance.getEntriesByType("navigation"));
return [files.reduce((sum, file) => sum + file.decodedBodySize, 0),
        Boolean(document.querySelector("mjx-container, .math")),
        document.documentElement.scrollWidth - window.innerWidth];
"""


class Violation(NamedTuple):
    """One element that breaks a rule on one page."""

    rule: str
    impact: str
    page: str
    node: str
    help: str


def axe() -> str:
    """axe-core 4.12.1 from the installed package that carries it; empty where there is none."""
    try:
        files = importlib.metadata.files("axe-playwright-python") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    copies = [Path(str(file.locate())) for file in files if file.name == "axe.min.js"]
    content = copies[0].read_bytes() if copies and copies[0].exists() else b""
    matches = hashlib.sha256(content).hexdigest() == AXE_SHA256
    return content.decode() if matches else ""


def missing() -> list[str]:
    """What the check needs and this machine has not."""
    wanted = {
        "chromium": browser_driver.CHROMIUM,
        "chromedriver": browser_driver.DRIVER,
        "axe-core 4.12.1 (requirements-access.txt)": axe(),
    }
    return [name for name, present in wanted.items() if not present]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of a folder, on this machine alone."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def window() -> Iterator[browser_driver.Browser]:
    """A window in which axe-core is at hand on every page, and that remembers no earlier page."""
    with browser_driver.window() as browser:
        for source in (FIRST_VISIT, axe()):
            browser.devtools("Page.addScriptToEvaluateOnNewDocument", source=source)
        browser.devtools("Network.setCacheDisabled", cacheDisabled=True)
        browser.call("POST", "/timeouts", script=PATIENCE * 1000, pageLoad=PATIENCE * 1000)
        yield browser


def violations(browser: browser_driver.Browser, page: str) -> Iterator[Violation]:
    """What axe finds on the open page, in every look."""
    seen = set()
    browser.js(PREPARE)
    for (theme, width), options in LOOKS.items():
        browser.size(width)
        browser.js("document.documentElement.dataset.theme = arguments[0]", theme)
        time.sleep(SETTLE)
        for item in browser.js(RUN, options):
            for node in item["nodes"]:
                if (item["rule"], node) not in seen:
                    seen.add((item["rule"], node))
                    yield Violation(
                        item["rule"], str(item["impact"]), page, node, f"{item['help']} ({theme})"
                    )


def checked(pages: list[str]) -> tuple[list[Violation], list[str]]:
    """Violations of all pages, and faults of another kind: console, weight, width."""
    broken, faults = [], []
    with served(SITE) as address, window() as browser:
        for page in pages:
            browser.size(WIDE)
            browser.errors()  # what an earlier page left
            browser.open(f"{address}/{page}")
            faults += [f"{page}: console: {message}" for message in browser.errors()]
            weight, has_formulas, _ = browser.js(WEIGH)
            limit = LIMIT_WITH_FORMULAS if has_formulas else LIMIT
            if weight > limit:
                faults.append(f"{page}: {weight / 1e6:.2f} MB, {limit / 1e6:.2f} are allowed")
            broken += violations(browser, page)
            _, _, too_wide = browser.js(WEIGH)  # the last look is narrow
            if too_wide > 0:
                faults.append(f"{page}: {too_wide} pixels wider than {NARROW}")
    return broken, faults


def table(broken: list[Violation]) -> list[str]:
    """One line per rule: impact, pages, elements, and the first of them."""
    by_rule = defaultdict(list)
    for violation in broken:
        by_rule[violation.impact, violation.rule].append(violation)
    return [
        f"{impact:9} {rule:32} {len({v.page for v in items}):3} pages {len(items):5} elements, "
        f"as {items[0].page}: {items[0].node[:90]}: {items[0].help}"
        for (impact, rule), items in sorted(by_rule.items())
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--require", action="store_true", help="fail where the check cannot run")
    parser.add_argument("pages", nargs="*", help="as book/intro.html; all if none is named")
    options = parser.parse_args()
    if lacking := missing():
        print(f"accessibility not checked: no {', no '.join(lacking)}")
        return int(options.require)
    built = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    pages = options.pages or [page for page in built if not page.startswith("_static/")]
    broken, faults = checked(pages)
    print("\n".join([*table(broken), *faults]) or "no violation")
    grave = [violation for violation in broken if violation.impact in GRAVE]
    print(f"{len(pages)} pages opened: {len(grave)} grave violations, {len(faults)} other faults")
    return 1 if grave or faults else 0


if __name__ == "__main__":
    sys.exit(main())
