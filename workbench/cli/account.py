"""`workbench account`: who may sign in, and who is officer, owner, loader or auditor."""

import os
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from workbench.cli.house import house

__all__ = ["app", "password_of"]

app = typer.Typer(no_args_is_help=True, help="Accounts and roles of this instance.")

Name = Annotated[str, typer.Argument(help="The account: a-z, 0-9, dot, dash, underscore.")]


def password_of(user: str, *, confirm: bool) -> str:
    """The password of an account: from WORKBENCH_PASSWORD, else asked for without an echo.

    Raises typer.BadParameter when there is neither the variable nor a terminal.
    """
    given = os.environ.get("WORKBENCH_PASSWORD", "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise typer.BadParameter("set WORKBENCH_PASSWORD where there is no terminal")
    answer: str = typer.prompt(f"Password of {user}", hide_input=True, confirmation_prompt=confirm)
    return answer


@app.command()
def add(
    context: typer.Context,
    name: Name,
    replace: Annotated[
        bool, typer.Option("--replace", help="Give an existing account a new password.")
    ] = False,
) -> None:
    """Create an account. The password is asked for, or taken from WORKBENCH_PASSWORD.

    What the account may do is said elsewhere: projects by their permits, all else by the roles
    file (see `workbench account roles`). The hub need not run.

    Example: workbench account add kari
    """
    accounts = house(context).accounts
    accounts.add(name, password_of(name, confirm=True), replace=replace)
    typer.echo(f"The account {name} is ready.")


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Delete an account; its sessions end within a minute.

    Example: workbench account remove kari
    """
    house(context).accounts.remove(name)
    typer.echo(f"The account {name} is gone.")


@app.command("list")
def list_accounts(context: typer.Context) -> None:
    """Show every account and its roles."""
    accounts = house(context).accounts
    groups = accounts.groups()
    table = Table("account", "roles")
    for name in accounts.names():
        table.add_row(name, ", ".join(g for g, users in groups.items() if name in users))
    Console().print(table)


@app.command()
def roles(context: typer.Context) -> None:
    """Show the roles file: who is officer, case handler, owner, loader, auditor.

    The file is portal/roles.toml of the instance; edit it with any editor, changes count within a
    minute:

        officers = ["kari"]
        case_handlers = []
        loaders = []
        auditors = ["per"]

        \\[owners]
        nafld_base = ["ola"]
    """
    accounts = house(context).accounts
    known = set(accounts.names())
    table = Table("role", "accounts")
    for group, users in accounts.groups().items():
        shown = [user if user in known else f"{user} (no such account)" for user in users]
        table.add_row(group, ", ".join(shown))
    Console().print(table)
