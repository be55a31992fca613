"""The mails as a real browser lays them out: nothing sticks out sideways, on a phone or on a desk."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.patience import HANG_SECONDS
from tests.tree import GOLDEN

GOLDEN_MAILS = GOLDEN / "mail"
KINDS = ("nhac-viec", "qua-han", "cam-on", "thu-truong", "mat-dong", "tong-hop", "cau-hinh", "cot-da-tat")
WIDTHS = (375, 640, 1200)
NAME = "Bệnh viện Từ Dũ"
CHROMIUM = shutil.which("chromium")

PAGE = """<!doctype html><title>-</title>
{frames}
<script>
const width = frame => frame.contentDocument.documentElement.scrollWidth;
window.onload = () => {{ document.title = "widths " + [...document.querySelectorAll("iframe")].map(width).join(" "); }};
</script>"""
FRAME = '<iframe style="border:0" width="{width}" height="800" srcdoc="{mail}"></iframe>'

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
    "--dump-dom",
)

needs_chromium = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="needs Chromium")


def laid_out_widths(shown: Sequence[tuple[str, int]], folder: Path) -> list[int]:
    """How wide Chromium makes each mail when it is shown in a frame of that width; once all have been loaded."""
    frames = [FRAME.format(width=width, mail=html.escape(mail, quote=True)) for mail, width in shown]
    page = folder / "page.html"
    page.write_text(PAGE.format(frames="\n".join(frames)), "utf-8")
    command = (str(CHROMIUM), *FLAGS, f"--user-data-dir={folder / 'browser'}", page.as_uri())
    document = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=True).stdout
    found = re.search(r"<title>widths ([\d ]+)</title>", document)
    assert found, "the page did not load"
    return [int(width) for width in found[1].split()]


@pytest.mark.browser
@needs_chromium
def test_every_mail_fits_the_widths_it_is_shown_in(tmp_path: Path) -> None:
    shown = [(kind, width) for kind in KINDS for width in WIDTHS]
    mails = [((GOLDEN_MAILS / f"{kind}.html").read_text("utf-8"), width) for kind, width in shown]
    laid_out = dict(zip(shown, laid_out_widths(mails, tmp_path), strict=True))
    assert {each: width for each, width in laid_out.items() if width > each[1]} == {}


@pytest.mark.browser
@needs_chromium
def test_a_name_without_spaces_makes_no_mail_wider_than_a_phone(tmp_path: Path) -> None:
    """All of the mail was as wide as that name, and cut at the edge of the phone."""
    name = "bệnhviện" * 8
    mails = {kind: (GOLDEN_MAILS / f"{kind}.html").read_text("utf-8") for kind in KINDS}
    named = {kind: mail.replace(NAME, name) for kind, mail in mails.items() if NAME in mail}
    assert named
    laid_out = laid_out_widths([(mail, WIDTHS[0]) for mail in named.values()], tmp_path)
    assert {kind: width for kind, width in zip(named, laid_out, strict=True) if width > WIDTHS[0]} == {}


@pytest.mark.browser
@needs_chromium
def test_a_mail_that_is_too_wide_would_be_noticed(tmp_path: Path) -> None:
    wide, narrow = '<div style="width:900px">x</div>', "<div>x</div>"
    first, second, third = laid_out_widths([(narrow, 375), (wide, 375), (narrow, 640)], tmp_path)
    assert (first, second > 375, third) == (375, True, 640)
