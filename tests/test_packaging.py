"""What is shipped: the wheel, the locked versions, the commands that the README prints."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from automation import __version__
from tests.tree import ROOT

LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-test.lock"]


def project() -> dict[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def requirement_name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def imported_packages() -> set[str]:
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "automation").rglob("*.py"))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"automation"}


def test_every_package_that_is_imported_is_declared() -> None:
    declared = {requirement_name(each) for each in project()["dependencies"]}
    distributions = packages_distributions()
    undeclared = {
        name
        for name in imported_packages()
        if not declared & {requirement_name(each) for each in distributions.get(name, [name])}
    }
    assert undeclared == set()


def test_the_latest_version_in_the_changelog_is_this_one() -> None:
    versions = re.findall(r"^## (\S+) \(\d\d/\d\d/\d{4}\)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == __version__


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_versions_and_hashes_and_no_place(lock: Path) -> None:
    content = lock.read_text("utf-8")
    lines = [line for line in content.splitlines() if not line.startswith("    --hash=sha256:")]
    assert [line for line in lines if not re.match(r"[a-z0-9.-]+==[^ ]+( ; .+)? \\$", line)] == []
    assert "--hash=sha256:" in content


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_what_the_project_needs(lock: Path) -> None:
    locked = {line.split("==")[0] for line in lock.read_text("utf-8").splitlines() if "==" in line}
    needed = {requirement_name(each) for each in [*project()["dependencies"], "hatchling"]}
    assert needed - locked == set()


def test_both_locks_agree() -> None:
    run, test = (set(re.findall(r"^\S+==\S+", lock.read_text("utf-8"), re.MULTILINE)) for lock in LOCKS)
    assert run - test == set()


@pytest.mark.parametrize("name", ["demo", "test"])
def test_the_readme_prints_the_command_as_one_line(name: str) -> None:
    printed = re.findall(
        rf"<!-- {name} command -->\n```sh\n(.+)\n```\n<!-- end -->", (ROOT / "README.md").read_text("utf-8")
    )
    assert [each.split(" && ")[0] for each in printed] == ["python3 -m venv .venv"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["templates", "config"])
def test_the_wheel_carries_the_whole_folder(wheel: Path, folder: str) -> None:
    shipped = set(zipfile.ZipFile(wheel).namelist())
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert files
    assert {f"automation/{name}" for name in files} - shipped == set()


@pytest.mark.slow
def test_the_program_of_the_wheel_runs_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    done = subprocess.run(
        [sys.executable, "-m", "automation", "--help"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert "Cách dùng: tccb" in done.stdout


@pytest.mark.slow
def test_the_wheel_bears_the_version_of_the_program(wheel: Path) -> None:
    assert wheel.name.startswith(f"tccb_automation-{__version__}-")
