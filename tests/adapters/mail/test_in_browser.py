"""The mails as a real browser lays them out: nothing sticks out sideways, on a phone or on a desk."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tree import GOLDEN

GOLDEN_MAILS = GOLDEN / "mail"
KINDS = ("nhac-viec", "qua-han", "cam-on", "thu-truong", "mat-dong", "tong-hop", "cau-hinh")
WIDTHS = (375, 640, 1200)
CHROMIUM = shutil.which("chromium")

PAGE = """<!doctype html><title>-</title>
<iframe id="mail" style="border:0" width="{width}" height="800" srcdoc="{mail}"></iframe>
<script>
const frame = document.getElementById("mail");
frame.onload = () => {{ document.title = "width " + frame.contentDocument.documentElement.scrollWidth; }};
</script>"""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
    "--virtual-time-budget=2000",
    "--dump-dom",
)


def laid_out_width(mail: str, width: int, folder: Path) -> int:
    """How wide Chromium makes the mail when it is shown in a frame of that width."""
    page = folder / "page.html"
    page.write_text(PAGE.format(width=width, mail=html.escape(mail, quote=True)), "utf-8")
    command = (str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'browser'}", page.as_uri())
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.search(r"<title>width (\d+)</title>", shown)
    assert found, "the page did not load"
    return int(found[1])


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="needs Chromium")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_mail_fits_the_width_it_is_shown_in(kind: str, width: int, tmp_path: Path) -> None:
    mail = (GOLDEN_MAILS / f"{kind}.html").read_text("utf-8")
    assert laid_out_width(mail, width, tmp_path) <= width


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="needs Chromium")
def test_a_mail_that_is_too_wide_would_be_noticed(tmp_path: Path) -> None:
    assert laid_out_width('<div style="width:900px">x</div>', 375, tmp_path) > 375
