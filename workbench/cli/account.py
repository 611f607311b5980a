"""`workbench account`: who may sign in, and who is officer, owner, loader or auditor."""

import io
import os
import sys
from typing import Annotated

import segno
import typer
from rich.console import Console
from rich.table import Table

from workbench.cli.house import House, house
from workbench.domain.audit import AuditEvent, What

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
    rooms = house(context)
    rooms.accounts.add(name, password_of(name, confirm=True), replace=replace)
    _tell(rooms, name, "new password" if replace else "added")
    typer.echo(f"The account {name} is ready.")


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Delete an account; its sessions, servers and kernels end within a minute.

    Example: workbench account remove kari
    """
    rooms = house(context)
    rooms.accounts.remove(name)
    _tell(rooms, name, "removed")
    typer.echo(f"The account {name} is gone.")


@app.command()
def lock(context: typer.Context, name: Name) -> None:
    """Close an account until it is unlocked; its sessions, servers and kernels end within a minute.

    Example: workbench account lock kari
    """
    rooms = house(context)
    rooms.accounts.lock(name)
    _tell(rooms, name, "locked")
    typer.echo(f"The account {name} is locked.")


@app.command()
def unlock(context: typer.Context, name: Name) -> None:
    """Open a locked account again, and forget its failed sign-ins.

    Example: workbench account unlock kari
    """
    rooms = house(context)
    rooms.accounts.unlock(name)
    _tell(rooms, name, "unlocked")
    typer.echo(f"The account {name} is open.")


@app.command("sign-out")
def sign_out(context: typer.Context, name: Name) -> None:
    """End every session, token, server and kernel of an account within a minute; it stays open.

    A person who signs out themselves ends all their sessions too, but their kernels work on.

    Example: workbench account sign-out kari
    """
    rooms = house(context)
    rooms.accounts.sign_out(name)
    rooms.records.audit.append(AuditEvent(What.ACCOUNT_SESSION_END, rooms.actor, f"account/{name}"))
    typer.echo(f"The sessions of {name} end within a minute.")


@app.command()
def totp(
    context: typer.Context,
    name: Name,
    off: Annotated[
        bool, typer.Option("--off", help="Forget the second factor instead; all sessions end.")
    ] = False,
) -> None:
    """Set up a second factor (one-time codes, RFC 6238) for an account, with its person present.

    Shows the secret once, as a QR code and as text, and asks for the first code of the person's
    app; it counts from then on. Then shows eight recovery codes, which are not shown again either.
    The roles file may demand it: see `workbench account roles`.

    Example: workbench account totp kari
    """
    rooms = house(context)
    if off:
        rooms.accounts.remove_second_factor(name)
        _tell(rooms, name, "second factor removed")
        typer.echo(f"The account {name} has no second factor any more.")
        return
    drawn = rooms.accounts.begin_second_factor(name)
    picture = io.StringIO()
    segno.make(drawn.uri, error="m").terminal(out=picture, compact=True)
    typer.echo(picture.getvalue())
    typer.echo(f"Or type the secret: {drawn.secret}\n{drawn.uri}\n")
    codes = rooms.accounts.confirm_second_factor(name, typer.prompt("The code that the app shows"))
    _tell(rooms, name, "second factor")
    typer.echo("It counts from now on. Recovery codes, each good once; keep them on paper:")
    for code in codes:
        typer.echo(f"  {code}")


@app.command()
def link(
    context: typer.Context,
    name: Name,
    code: Annotated[
        str, typer.Argument(help="The registration code that the sign-in page showed the person.")
    ],
) -> None:
    """Let a person of the identity provider in as this account.

    The code stands for the person at the provider; nobody can compute who it is from the code, and
    no identifier of the person is stored. Make sure that the code comes from that person; how it
    works is told in docs/how-to/sign-in-with-oidc.md.

    Example: workbench account link kari 3f0c2a9d4b1e8a7760d5c1b2a3948576
    """
    rooms = house(context)
    rooms.accounts.link(name, code.strip().lower())
    _tell(rooms, name, "linked")
    typer.echo(f"The person may now sign in as {name}.")


@app.command("list")
def list_accounts(context: typer.Context) -> None:
    """Show every account, its roles, and whether it has a second factor or is locked."""
    accounts = house(context).accounts
    groups, free = accounts.groups(), set(accounts.open_names())
    table = Table("account", "roles", "second factor", "state")
    for name in accounts.names():
        has, needs = accounts.has_second_factor(name), accounts.needs_second_factor(name)
        factor = "yes" if has else "missing: its role does not count" if needs else "no"
        held = ", ".join(g for g, users in groups.items() if name in users)
        table.add_row(name, held, factor, "open" if name in free else "locked")
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
        require_totp = ["officers", "case_handlers"]

        \\[owners]
        nafld_base = ["ola"]

    A role that require_totp names counts only for accounts with a second factor.
    """
    accounts = house(context).accounts
    known = set(accounts.names())
    table = Table("role", "accounts")
    for group, users in accounts.groups().items():
        shown = [user if user in known else f"{user} (no such account)" for user in users]
        table.add_row(group, ", ".join(shown))
    Console().print(table)


def _tell(rooms: House, name: str, why: str) -> None:
    """What an operator does to an account is audited."""
    event = AuditEvent(What.ACCOUNT_ENTRY_CHANGE, rooms.actor, f"account/{name}", why)
    rooms.records.audit.append(event)
