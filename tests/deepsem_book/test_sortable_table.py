"""Sortable tables: every value once, tooltips in place, nothing from outside, order by value."""

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from deepsem_book.sortable_table import sortable

TABLE = pd.DataFrame(
    {"EPR": [1.234, np.nan, 10.5], "n": [3, 1, 2]},
    index=pd.Index(["mDC <500>", "hESC", "mESC"], name="data"),
)


def soup(content):
    return BeautifulSoup(content.data, "html.parser")


def test_cells_show_rounded_numbers_and_carry_whole_ones():
    page = soup(sortable(TABLE))
    cells = [[td.get_text() for td in row.find_all("td")] for row in page.tbody.find_all("tr")]
    assert cells == [["mDC <500>", "1.23", "3"], ["hESC", "", "1"], ["mESC", "10.50", "2"]]
    assert [td.get("data-value") for td in page.tbody.find("tr").find_all("td")] == [
        None,
        "1.234",
        "3.0",
    ]
    assert [b.get_text() for b in page.find_all("button")] == ["data", "EPR", "n"]


def test_tooltips_belong_to_their_cells_and_are_escaped():
    hover = pd.DataFrame({"EPR": ['a "b"', "", "c"], "n": ["", "d", ""]}, index=TABLE.index)
    titles = [td.get("title") for td in soup(sortable(TABLE, hover)).tbody.find_all("td")]
    assert titles == [None, 'a "b"', None, None, None, "d", None, "c", None]
    with pytest.raises(ValueError, match="hover is"):
        sortable(TABLE, hover.head(1))


def test_nothing_is_loaded_and_equal_tables_are_equal_text():
    text = sortable(TABLE).data
    assert not re.search(r"(src|href)=|https?:", text)
    assert text == sortable(TABLE.copy()).data != sortable(TABLE.head(2)).data


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to run the script")
def test_the_script_is_valid_javascript(tmp_path):
    script = soup(sortable(TABLE)).script.get_text()
    (tmp_path / "script.js").write_text(f"const document = {{getElementById: () => null}};{script}")
    subprocess.run(["node", str(tmp_path / "script.js")], check=True)
