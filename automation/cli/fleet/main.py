"""The arguments of `tccb fleet`; each command is one call of `commands`, which needs what the extra `fleet` brings."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated, TypeVar

import typer

from automation.app.clock import machine_clock, read_moment, running_clock, standing_clock
from automation.base.errors import CannotStart
from automation.base.host_port import HostPort, read_host_port
from automation.base.messages import text
from automation.cli.help_pages import HELP_OPTIONS, VietnameseGroup, described_command, described_option

_Command = TypeVar("_Command", bound=Callable[..., int])
MOST_AT_A_TIME = 32

fleet = typer.Typer(
    cls=VietnameseGroup,
    help=text("fleet.help"),
    epilog=text("fleet.example"),
    context_settings=HELP_OPTIONS,
    rich_markup_mode=None,
    options_metavar="",
    subcommand_metavar=text("cli.help.command_metavar"),
)


WorkbookArgument = Annotated[
    str | None, typer.Argument(metavar=text("cli.help.workbook_metavar"), help=text("fleet.workbook"))
]
NameOption = Annotated[str | None, described_option("--name", "fleet.add.name", "text_metavar")]
CredentialsOption = Annotated[str | None, described_option("--credentials", "fleet.add.credentials", "file_metavar")]
MetricsOption = Annotated[str | None, described_option("--metrics", "fleet.work.metrics", "address_metavar")]
ConcurrencyOption = Annotated[str, described_option("--concurrency", "fleet.work.concurrency", "number_metavar")]
JsonOption = Annotated[bool, described_option("--json", "cli.help.json")]
NowOption = Annotated[str | None, described_option("--now", "cli.help.now", "moment_metavar")]


def _command(name: str) -> Callable[[_Command], _Command]:
    return described_command(fleet, name, f"fleet.{name}")


@_command("add")
def add(workbook: WorkbookArgument = None, name: NameOption = None, credentials: CredentialsOption = None) -> int:
    _refuse_without_extra()
    from automation.cli.fleet import commands

    return commands.add(_named(workbook), _stripped(name), _stripped(credentials))


@_command("remove")
def remove(workbook: WorkbookArgument = None) -> int:
    _refuse_without_extra()
    from automation.cli.fleet import commands

    return commands.remove(_named(workbook))


@_command("list")
def list_(as_json: JsonOption = False) -> int:
    _refuse_without_extra()
    from automation.cli.fleet import commands

    return commands.list_all(as_json=as_json)


@_command("pause")
def pause(workbook: WorkbookArgument = None) -> int:
    _refuse_without_extra()
    from automation.cli.fleet import commands

    return commands.pause(_named(workbook), paused=True)


@_command("resume")
def resume(workbook: WorkbookArgument = None) -> int:
    _refuse_without_extra()
    from automation.cli.fleet import commands

    return commands.pause(_named(workbook), paused=False)


@_command("move")
def move(workbook: WorkbookArgument = None) -> int:
    _refuse_without_extra()
    from automation.cli.fleet import commands

    return commands.move(_named(workbook))


@_command("status")
def status(as_json: JsonOption = False, now: NowOption = None) -> int:
    clock = machine_clock if now is None else standing_clock(read_moment(now))
    _refuse_without_extra()
    from automation.cli.fleet import commands

    return commands.status(clock, as_json=as_json)


@_command("work")
def work(concurrency: ConcurrencyOption = "2", metrics: MetricsOption = None, now: NowOption = None) -> int:
    clock = machine_clock if now is None else running_clock(read_moment(now))
    _refuse_without_extra()
    from automation.cli.fleet import commands
    from automation.cli.watching.renewal import never, once_it_is_night

    is_over = once_it_is_night(clock) if now is None else never  # a clock that was set would be set again
    return commands.work(_at_a_time(concurrency), clock, _place(metrics) if metrics is not None else None, is_over)


def _at_a_time(typed: str) -> int:
    count = int(typed) if typed.isascii() and typed.isdecimal() else 0
    if not 1 <= count <= MOST_AT_A_TIME:
        raise CannotStart(text("fleet.work.wrong_concurrency", typed=typed, most=MOST_AT_A_TIME))
    return count


def _place(typed: str) -> HostPort:
    found = read_host_port(typed)
    if found is None or not found.port:
        raise CannotStart(text("fleet.work.wrong_metrics", typed=typed))
    return found


def _stripped(typed: str | None) -> str | None:
    return None if typed is None else typed.strip()


def _named(workbook: str | None) -> str:
    if not (workbook or "").strip():
        raise CannotStart(text("fleet.no_workbook"))
    return str(workbook)


def _refuse_without_extra() -> None:
    if not all(map(find_spec, ("procrastinate", "psycopg", "prometheus_client"))):
        raise CannotStart(text("store.extra_missing"))
