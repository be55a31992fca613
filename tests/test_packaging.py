"""What is shipped: the wheel, the locked versions, the commands that the README prints."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from automation import __version__
from tests.tree import ROOT

LOCKS = sorted(ROOT.glob("requirements*.lock"))
NOT_IMPORTED = {"tzdata": "where the machine has no time zones, zoneinfo takes them from it"}


def pyproject() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def needed(lock: str) -> list[str]:
    """The requirements that a lock is made from."""
    found = pyproject()
    run, groups = found["project"]["dependencies"], found["dependency-groups"]
    fleet = [*run, *found["project"]["optional-dependencies"]["fleet"]]
    kinds = {
        "": run,
        "-fleet": fleet,
        "-build": groups["build"],
        "-audit": groups["audit"],
        "-test": [*fleet, *groups["build"], *groups["test"]],
    }
    requirements: list[str] = kinds[lock.removeprefix("requirements").removesuffix(".lock")]
    return requirements


def locked(lock: Path) -> set[str]:
    return set(re.findall(r"^(\S+)==", lock.read_text("utf-8"), re.MULTILINE))


def with_what_they_need(requirements: Iterable[str]) -> set[str]:
    """The names of what is installed for these, on whatever machine: markers count only where they name an extra."""
    names, waiting = set[tuple[str, str]](), [Requirement(each) for each in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras} - {seen for known, seen in names if known == name}:
            names.add((name, extra))
            waiting += (each for each in needed_by(name) if wanted_for(each, extra))
    return {name for name, _ in names}


def needed_by(name: str) -> list[Requirement]:
    try:
        return [Requirement(each) for each in requires(name) or ()]
    except PackageNotFoundError:  # for another system
        return []


def wanted_for(requirement: Requirement, extra: str) -> bool:
    if "extra" not in str(requirement.marker or ""):
        return True
    return requirement.marker is not None and requirement.marker.evaluate({"extra": extra})


def requirement_name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def declared() -> set[str]:
    return {requirement_name(each) for each in needed("requirements-fleet.lock")}


@cache
def imported_distributions() -> dict[str, set[str]]:
    """Of every package that is imported, what may have brought it."""
    distributions = packages_distributions()
    return {name: {requirement_name(each) for each in distributions.get(name, [name])} for name in imported_packages()}


def imported_packages() -> set[str]:
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "automation").rglob("*.py"))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"automation"}


def test_every_package_that_is_imported_is_declared() -> None:
    assert {name for name, offered_by in imported_distributions().items() if not declared() & offered_by} == set()


def test_every_package_that_is_declared_is_imported() -> None:
    imported = set().union(*imported_distributions().values())
    assert declared() - imported == set(NOT_IMPORTED)


def test_one_workbook_needs_nothing_of_the_fleet() -> None:
    fleet = {requirement_name(each) for each in pyproject()["project"]["optional-dependencies"]["fleet"]}
    assert not fleet & locked(ROOT / "requirements.lock")


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
    assert {requirement_name(each) for each in needed(lock.name)} - locked(lock) == set()


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if "audit" not in lock.name], ids=lambda path: path.name)
def test_a_lock_holds_nothing_that_nobody_needs(lock: Path) -> None:
    assert locked(lock) - with_what_they_need(needed(lock.name)) == set()


def test_what_makes_the_wheel_is_not_there_at_run_time() -> None:
    build = pyproject()["build-system"]["requires"]
    assert build == needed("requirements-build.lock")
    assert not {requirement_name(each) for each in build} & locked(ROOT / "requirements.lock")


def test_the_locks_agree() -> None:
    pins = {lock.name: set(re.findall(r"^\S+==\S+", lock.read_text("utf-8"), re.MULTILINE)) for lock in LOCKS}
    assert (pins["requirements.lock"] | pins["requirements-fleet.lock"] | pins["requirements-build.lock"]) - pins[
        "requirements-test.lock"
    ] == set()


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
