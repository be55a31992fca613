"""The pictures of README.md, made from a fresh demo: python docs/make_pictures.py

Needs LibreOffice, pdftoppm and Chromium (the packages in `.ci/debian-packages`).
"""

from __future__ import annotations

import base64
import email
import email.policy
import subprocess
import tempfile
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from rich.console import Console

from automation.cli.demo import run_demo
from automation.core.config import tabs

IMAGES = Path(__file__).parent / "images"
NOW = datetime(2023, 4, 20, 8, 0)
UNIT_TAB = "BV Nhân dân Gia Định"


def main() -> None:
    """Make every picture anew."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_demo(folder, 6_000, NOW, Console(quiet=True))
        book = next(folder.glob("*.xlsx"))
        picture_of_tab(book, UNIT_TAB, rows=24, name="unit-tab", crop=(80, 100, 2400, 640), without="DGHIKNOPQ")
        picture_of_tab(book, tabs.DASHBOARD, rows=42, name="dashboard", crop=(60, 90, 1760, 1500))
        mails = next(folder.glob("*.tccb")) / "mails"
        picture_of_mail(next(mails.glob("*nhac-viec*gia-dinh*.eml")), "reminder", height=1500)
        summary = next(mails.glob("*tong-hop*.eml"))
        picture_of_mail(summary, "summary", height=1500)
        tables, report = attachments_of(summary, folder)
        picture_of_page(tables, "summary-tables", resolution=110)
        picture_of_page(report, "report", resolution=80)


def picture_of_tab(
    book: Path, title: str, rows: int, name: str, crop: tuple[int, int, int, int], without: str = ""
) -> None:
    """The first rows of a tab as LibreOffice prints it. `crop`: left, top, width, height in pixels; `without`:
    letters of columns to hide, so that what is left can be read at the width of a page.
    """
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / f"{name}.xlsx"
        workbook = load_workbook(book, rich_text=True)
        for sheet in workbook.worksheets:
            sheet.sheet_state = "visible" if sheet.title == title else "hidden"
        workbook.active = workbook[title]
        sheet = workbook[title]
        sheet.print_area = f"A1:{get_column_letter(sheet.max_column)}{rows}"
        for letter in without:
            sheet.column_dimensions[letter].hidden = True
        workbook.save(alone)
        run("soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, str(alone))
        left, top, width, height = crop
        region = ["-x", str(left), "-y", str(top), "-W", str(width), "-H", str(height)]
        pdf = str(alone.with_suffix(".pdf"))
        run("pdftoppm", "-r", "220", "-png", "-singlefile", *region, pdf, str(IMAGES / name))


def picture_of_mail(path: Path, name: str, height: int) -> None:
    """The HTML part of a mail as a browser shows it."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html",))
    assert body is not None
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "mail.html"
        page.write_text(with_pictures(body.get_content(), message), encoding="utf-8")
        run(
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/browser",
            f"--screenshot={IMAGES / name}.png",
            f"--window-size=680,{height}",
            page.as_uri(),
        )


def with_pictures(html: str, message: EmailMessage) -> str:
    """The HTML with the pictures of its mail inside: a browser knows no Content-ID."""
    for part in message.walk():
        if part["Content-ID"]:
            inside = base64.b64encode(part.get_content()).decode()
            html = html.replace(
                f"cid:{part['Content-ID'].strip('<>')}", f"data:{part.get_content_type()};base64,{inside}"
            )
    return html


def attachments_of(path: Path, folder: Path) -> list[Path]:
    """The files that travel with a mail, laid into a folder."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    files = []
    for part in message.iter_attachments():
        files.append(folder / str(part.get_filename()))
        files[-1].write_bytes(part.get_content())
    return files


def picture_of_page(path: Path, name: str, resolution: int) -> None:
    """The first page of an office file as LibreOffice prints it."""
    with tempfile.TemporaryDirectory() as folder:
        run("soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, str(path))
        pdf = str(Path(folder) / f"{path.stem}.pdf")
        run("pdftoppm", "-r", str(resolution), "-f", "1", "-png", "-singlefile", pdf, str(IMAGES / name))


def run(*command: str) -> None:
    """Run a program and stop where it fails."""
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
