"""What tests of all folders share."""

from collections.abc import Iterator

import pytest

import browser_driver


@pytest.fixture(scope="module")
def browser() -> Iterator[browser_driver.Browser]:
    """A window of Chromium for the tests of one file."""
    if not (browser_driver.CHROMIUM and browser_driver.DRIVER):
        pytest.skip("chromium or chromedriver is not installed")
    with browser_driver.window() as window:
        yield window
