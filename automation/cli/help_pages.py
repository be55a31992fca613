"""typer's pages and complaints in Vietnamese.

typer has no hook for other languages: its group and command classes are extended where they write a heading,
and its exceptions are retold. What it says for itself in English never reaches the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from automation.base.errors import CannotStart
from automation.base.messages import text

HELP_OPTIONS = {"help_option_names": ["--help", "-h"]}
_Described = TypeVar("_Described", bound=Callable[..., int])


class VietnameseCommand(TyperCommand):
    """One command of the program."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        return _in_vietnamese(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_parameters(self, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does, except that words nobody asked for are refused in Vietnamese."""
        ctx.allow_extra_args = True
        try:
            rest = super().parse_args(ctx, args)
        except typer.TyperException as error:  # of some mistakes typer does not say in which command
            error.ctx = ctx  # type: ignore[attr-defined]
            raise
        if rest:
            raise CannotStart(text("cli.wrong.extra", extra=" ".join(rest), path=ctx.command_path))
        return rest


class VietnameseGroup(TyperGroup):
    """The program itself."""

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        return _in_vietnamese(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        with formatter.section(_heading("commands")):
            commands = [self.commands[name] for name in self.list_commands(ctx)]
            formatter.write_dl([(each.name, _first_sentence(each.help)) for each in commands])
        _write_parameters(self, ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As typer does, except that an unknown command is refused in Vietnamese."""
        if self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            meant = text("cli.help.or").join(f'"{name}"' for name in get_close_matches(args[0].lower(), known))
            key = "command_similar" if meant else "command"
            said = {"name": args[0], "similar": meant, "commands": ", ".join(known), "path": ctx.command_path}
            raise CannotStart(text(f"cli.wrong.{key}", **said))
        return super().resolve_command(ctx, args)


def described_option(name: str, help_key: str, metavar: str | None = None) -> Any:
    """An option with the sentence of that key, and what its value is called, a key below `cli.help`."""
    shown = text(f"cli.help.{metavar}") if metavar else None
    return typer.Option(name, metavar=shown, help=text(help_key))


def described_command(program: typer.Typer, name: str, words: str) -> Callable[[_Described], _Described]:
    """Makes a command of what it decorates. `words`: the key above its sentences `help` and `example`."""
    return program.command(
        name,
        cls=VietnameseCommand,
        context_settings=HELP_OPTIONS,
        help=text(f"{words}.help"),
        epilog=text(f"{words}.example"),
        options_metavar=text("cli.help.options_metavar"),
    )


def complaint(error: typer.TyperException) -> str:
    """What is wrong with the arguments, in one Vietnamese sentence that names the page to look at."""
    # typer keeps the classes of its usage errors to itself, so they are told apart by name.
    kind = type(error).__name__
    path = _command_path(error)
    name = getattr(error, "option_name", "")
    if kind == "NoSuchOption":
        similar = text("cli.help.or").join(getattr(error, "possibilities", None) or ())
        key = "option_similar" if similar else "option"
        return text(f"cli.wrong.{key}", name=name, similar=similar, path=path)
    if kind == "BadOptionUsage":
        key = "option_value_missing" if "requires" in error.message else "option_value_unwanted"
        return text(f"cli.wrong.{key}", name=name, path=path)
    if isinstance(error, typer.BadParameter) and error.param is not None:
        return text("cli.wrong.value", name=error.param.opts[0], path=path)
    return text("cli.wrong.other", path=path)


def _command_path(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return str(context.command_path) if context is not None else "tccb"


def _in_vietnamese(option: TyperOption | None) -> TyperOption | None:
    if option is not None:
        option.help = text("cli.help.show_help")
    return option


def _write_usage(command: VietnameseCommand | VietnameseGroup, ctx: Any, formatter: Any) -> None:
    pieces = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, pieces, prefix=text("cli.help.usage"))


def _write_parameters(command: VietnameseCommand | VietnameseGroup, ctx: Any, formatter: Any) -> None:
    parameters = command.get_params(ctx)
    arguments = [(_metavar(each), each.help or "") for each in parameters if isinstance(each, TyperArgument)]
    options = [(_spelling(each), each.help or "") for each in parameters if isinstance(each, TyperOption)]
    for heading, rows in (("arguments", arguments), ("options", options)):
        if rows:
            with formatter.section(_heading(heading)):
                formatter.write_dl(rows)


def _spelling(option: TyperOption) -> str:
    return " ".join(filter(None, [", ".join(sorted(option.opts, key=len)), _metavar(option)]))


def _metavar(parameter: TyperArgument | TyperOption) -> str:
    return parameter.metavar or ""


def _heading(name: str) -> str:
    return typer.style(text(f"cli.help.{name}"), bold=True)


def _first_sentence(help_text: str | None) -> str:
    sentence, separator, _ = (help_text or "").partition(". ")
    return sentence + separator.strip()
