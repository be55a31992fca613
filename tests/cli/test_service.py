"""What the page for operators ships, a service, a container file, a line for cron, is sound and closed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.environment import EnvironmentSettings
from automation.app.init import set_up
from tests.patience import HANG_SECONDS
from tests.tree import ROOT

FOLDER = ROOT / "docs" / "van-hanh"
SERVICES = {"tccb.service": "run", "tccb-fleet@.service": "fleet work"}
PAGE = (ROOT / "docs" / "van-hanh.md").read_text("utf-8")
PROGRAM = "/opt/tccb/bin/tccb"
STATE = "/var/lib/tccb"
MOST_EXPOSED = 20
"""2.0 of 10, as systemd-analyze counts it."""
OURS = {str(field.validation_alias) for field in EnvironmentSettings.model_fields.values()}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("name", SERVICES)
def test_the_service_is_sound_and_closed(tmp_path: Path, name: str) -> None:
    service = (FOLDER / name).read_text("utf-8")
    unit = tmp_path / name
    assert f"ExecStart={PROGRAM} {SERVICES[name]}\n" in service
    unit.write_text(service.replace(PROGRAM, "/bin/true"), "utf-8")
    for check in (["verify"], ["security", "--offline=yes", f"--threshold={MOST_EXPOSED}"]):
        done = subprocess.run(["systemd-analyze", *check, str(unit)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        assert check != ["verify"] or not done.stderr, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_command_by_hand_is_run_as_the_service_runs(tmp_path: Path) -> None:
    """Under its account, with its variables and in its folder, whatever stands in the arguments."""
    (tmp_path / "systemd-run").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', "utf-8")
    (tmp_path / "systemd-run").chmod(0o755)
    here = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [str(FOLDER / "tccb-lenh"), "restore", "--unit", "bv a", ""]
    run = subprocess.run(command, env=here, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    program = run.index(PROGRAM)
    assert run[program + 1 :] == ["restore", "--unit", "bv a", ""]
    lines = (FOLDER / "tccb.service").read_text("utf-8").splitlines()
    given = [each.removeprefix("--property=") for each in run[:program] if each.startswith("--property=")]
    assert [each for each in given if each not in lines] == []
    assert {each.split("=")[0] for each in given} >= {"User", "Group", "EnvironmentFile", "WorkingDirectory"}
    (variables,) = (line.removeprefix("Environment=") for line in lines if line.startswith("Environment="))
    assert [each.removeprefix("--setenv=") for each in run if each.startswith("--setenv=")] == variables.split()


@cache
def stages() -> list[list[tuple[str, str]]]:
    """The instructions of the container file, stage by stage."""
    content = (FOLDER / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line.partition(" ") for line in content.splitlines() if line and not line.startswith("#")]
    found: list[list[tuple[str, str]]] = []
    for instruction, _, rest in lines:
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, " ".join(rest.split())))
    return found


def told(instruction: str) -> list[str]:
    """What the last stage says with that instruction."""
    return [rest for name, rest in stages()[-1] if name == instruction]


def variables() -> dict[str, str]:
    return dict(each.split("=", 1) for line in told("ENV") for each in shlex.split(line))


def test_the_container_runs_the_worker_as_nobody_who_counts() -> None:
    assert (told("ENTRYPOINT"), told("CMD")) == ([f'["{PROGRAM}"]'], ['["run"]'])
    (user,) = told("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "by number: who runs it may ask for somebody other than root"
    assert told("VOLUME") == told("WORKDIR") == [STATE]
    assert told("RUN") == [f"install -d -o {user.replace(':', ' -g ')} -m 0700 {STATE}"]
    assert variables()["TCCB_STATE_DIR"] == STATE
    assert {name for name in variables() if name.startswith("TCCB_")} <= OURS
    assert not {"ADD", "ARG", "EXPOSE"} & {name for stage in stages() for name, _ in stage}


def test_the_image_holds_what_is_locked_and_nothing_that_builds_it() -> None:
    steps = [each for name, rest in stages()[0] if name == "RUN" for each in rest.split(" && ")]
    fetching = [each for each in steps if re.search(r"pip (install|wheel) ", each)]
    assert len(fetching) == 4
    assert [each for each in fetching if not {"--require-hashes", "--no-deps"} & set(each.split())] == []
    assert told("COPY") == ["--from=build /opt/tccb /opt/tccb"]
    sources = [each for name, rest in stages()[0] if name == "COPY" for each in rest.split()[:-1]]
    assert [each for each in sources if not (ROOT / each).exists()] == []


@pytest.mark.slow
def test_what_the_container_file_copies_is_enough_to_build_the_wheel(tmp_path: Path) -> None:
    for name, rest in stages()[0]:
        *sources, target = rest.split()
        for source in sources if name == "COPY" else ():
            copied = tmp_path / target.lstrip("/")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, copied)
            else:
                copied.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, copied)
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(tmp_path / "wheel")]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(tmp_path / "src")]
    subprocess.run(command, check=True, capture_output=True)
    assert len(list((tmp_path / "wheel").glob("*.whl"))) == 1


def test_the_page_starts_it_closed() -> None:
    (command,) = (line for line in PAGE.replace("\\\n", " ").splitlines() if line.startswith("podman run"))
    wanted = {"--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"}
    assert wanted <= set(command.split())
    assert f"-v tccb:{STATE}" in command
    assert "podman build -t tccb -f docs/van-hanh/Containerfile .\n" in PAGE


def small_workbook(folder: Path) -> None:
    units = folder / "units.csv"
    units.write_text("Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người\nmot,Đơn vị một,Bệnh viện,mot,5\n", "utf-8")
    set_up(ExcelWorkbook(folder / "danh-sach.xlsx"), units)


def may_make_namespaces() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "-r", "-m", "mount", "-o", "remount,bind,ro", "/"], capture_output=True)
    return tried.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not may_make_namespaces(), reason="no name spaces for mounts here")
def test_a_cycle_writes_nowhere_but_into_the_volume(tmp_path: Path) -> None:
    """Where all but the volume is read-only, without a home and with the variables of the container file."""
    small_workbook(tmp_path)
    here = {name: value.replace(STATE, str(tmp_path)) for name, value in variables().items()}
    command = [sys.executable, "-m", "automation", "run", "danh-sach.xlsx", "--once", "--now", "2023-04-20T08:00"]
    script = f"""
        mount --bind {tmp_path} {tmp_path} && mount -o remount,bind,ro / || exit 99
        cd {tmp_path} && touch {ROOT}/written 2>/dev/null && exit 98
        exec {shlex.join(command)}
    """
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nonexistent", **here}
    done = subprocess.run(
        ["unshare", "-r", "-m", "sh", "-c", script],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=HANG_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert (tmp_path / "state.sqlite3").exists()


@pytest.mark.slow
def test_the_line_for_cron_runs_as_cron_runs_it(tmp_path: Path) -> None:
    (line,) = (line for line in PAGE.splitlines() if line.startswith("*/"))
    minutes, *others, command = line.split(None, 5)
    assert (re.fullmatch(r"\*/\d+", minutes) is not None, others) == (True, ["*"] * 4)
    assert f"WorkingDirectory={STATE}\n" in (FOLDER / "tccb.service").read_text("utf-8")
    assert command.startswith(f"cd {STATE} && {PROGRAM} ")
    small_workbook(tmp_path)
    here = command.replace(PROGRAM, f"{sys.executable} -m automation").replace(STATE, str(tmp_path))
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "PYTHONPATH": str(ROOT)}
    for _ in range(2):
        done = subprocess.run(
            ["/bin/sh", "-c", here], env=bare, capture_output=True, encoding="utf-8", timeout=HANG_SECONDS
        )
        assert (done.returncode in (0, 1), done.stderr) == (True, ""), done.stdout
    assert (tmp_path / "danh-sach.tccb" / "heartbeat").exists()
