"""Files as LibreOffice makes them of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.patience import HANG_SECONDS


def _lacks(*programs: str) -> bool:
    return "CI" not in os.environ and not all(map(shutil.which, programs))


needs_calc = pytest.mark.skipif(_lacks("soffice"), reason="needs LibreOffice Calc")
# Debian ships the two apart, so `soffice` may be there without the half that opens documents.
needs_writer = pytest.mark.skipif(_lacks("soffice", "lowriter"), reason="needs LibreOffice Writer")
needs_pdftotext = pytest.mark.skipif(_lacks("pdftotext"), reason="needs pdftotext")


def converted(path: Path, ending: str, folder: Path) -> Path:
    """The file as LibreOffice saves it with that ending, in a folder other than its own."""
    # With a profile of its own it neither waits for another LibreOffice nor hands it the work and leaves.
    with TemporaryDirectory() as profile:
        command = ["soffice", f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--convert-to", ending]
        done = subprocess.run(
            [*command, "--outdir", str(folder), str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
        )
    found = folder / f"{path.stem}.{ending}"
    # It ends with status 0 even where it made nothing.
    assert found.exists(), f"LibreOffice made no {found.name}: {done.stdout}{done.stderr}"
    return found
