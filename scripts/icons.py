"""Of the theme's 2,000 icons the built site keeps those that its pages show: 0.35 MB less a page.

Style sheets lose the rules of all other icons, and the icon fonts their glyphs. A subset must not
bear the fonts' reserved name (SIL Open Font License), so only copyright and licence stay in it.
"""

import re
from pathlib import Path

from fontTools import subset

FONTS = Path("_static") / "vendor" / "fontawesome" / "webfonts"
ICON = re.compile(r"\bfa-[a-z0-9-]+")
RULE = re.compile(r'(?:\.fa-[a-z0-9-]+:{1,2}(?:before|after),?)+\{content:"[^"]*"\}')
# An icon stands in a style sheet as its number or as itself.
ESCAPED = re.compile(r'\\([0-9a-f]{2,6})(?=[" ])')
LITERAL = re.compile('[\ue000-\uf8ff]|(?:(?<=content:")|(?<=content:"\\\\))[^"\\\\](?=")')
COMPRESSED = re.compile(r'url\([^)]*\.woff2\) format\("woff2"\),(?=url\([^)]*\.ttf\))')
LEGAL = [0, 13, 14]  # copyright, licence and its address, as a font numbers its names


def keep_used(site: Path) -> None:
    """Drop from a built site what only other icons need. A second time changes nothing."""
    pages = [path.read_text(encoding="utf-8") for path in texts(site, "*.html", "*.js")]
    used = {name for page in pages for name in ICON.findall(page)}
    codes = {ord(icon) for page in pages for icon in LITERAL.findall(page)}
    for sheet in texts(site, "*.css"):
        old = sheet.read_text(encoding="utf-8")
        style = COMPRESSED.sub("", RULE.sub(lambda rule: rule_if_used(rule[0], used), old))
        codes |= {int(code, 16) for code in ESCAPED.findall(style)}
        codes |= {ord(icon) for icon in LITERAL.findall(style)}
        if style != old:
            sheet.write_text(style, encoding="utf-8")
    for font in (site / FONTS).glob("*.ttf"):
        shrink(font, codes)
    for font in (site / FONTS).glob("*.woff2"):
        font.unlink()


def texts(site: Path, *patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in site.rglob(pattern))


def rule_if_used(rule: str, used: set[str]) -> str:
    return rule if used & set(ICON.findall(rule)) else ""


def shrink(font: Path, codes: set[int]) -> None:
    """A font with the characters of `codes` alone, in place."""
    options = subset.Options(name_IDs=LEGAL, hinting=False, notdef_outline=True)
    loaded = subset.load_font(str(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(codes))
    subsetter.subset(loaded)
    subset.save_font(loaded, str(font), options)
