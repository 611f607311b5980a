"""`workbench policy`: who signs the rules of every release, what they are, what others would do."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from disclosure.endorsement import Signer
from disclosure.policy import KEYS, load_policy
from pseudonym.keyring import Keyring
from workbench.cli.house import house
from workbench.domain.errors import Refusal
from workbench.services.endorse_policy import install_policy, sign_policy, trust_signer
from workbench.services.replay_policy import past_releases, replay_policy

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="The rules of every release: layers that may only make each other stricter.",
)
out = Console()

Key = Annotated[Path, typer.Option("--key", help="The signer's own key file.")]
Policy = Annotated[Path, typer.Argument(help="A layer: a TOML file as in the policies folder.")]


def _passphrase(*, confirm: bool = False) -> bytes:
    given = os.environ.get("WORKBENCH_PASSPHRASE", "")
    if given:
        return given.encode()
    return str(
        typer.prompt("Passphrase of the key", hide_input=True, confirmation_prompt=confirm)
    ).encode()


@app.command("key")
def key(
    target: Annotated[Path, typer.Argument(help="The file to write; keep it to yourself.")],
) -> None:
    """Make a signing key of your own, sealed by a passphrase, and print its public half.

    The file stays with the person who signs; the platform never needs it. The passphrase is asked
    for, or taken from WORKBENCH_PASSPHRASE.

    Example: workbench policy key approver.key
    """
    made = Keyring.create(target, _passphrase(confirm=True), {"sign"})
    out.print(f"Public key: {made.verify_key.hex()}", highlight=False, soft_wrap=True)


@app.command("sign")
def sign(
    context: typer.Context,
    policy: Policy,
    key: Key,
    role: Annotated[str, typer.Option("--as", help="writer or approver.")],
) -> None:
    """Sign a layer as its writer or its approver; both are needed, with different keys.

    The signature is written beside the file and covers every byte of it.

    Example: workbench policy sign nafld_lab.toml --as approver --key approver.key
    """
    ring = Keyring.open(key, _passphrase())
    day = house(context).clock.now().date()
    name = sign_policy(policy, role, day, ring.sign, ring.verify_key)
    out.print(f"Signed as {role}, in the name of {name}.", highlight=False)


@app.command("trust")
def trust(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose key it is, as policies name them.")],
    public: Annotated[str, typer.Argument(help="The public key, 64 hexadecimal digits.")],
    until: Annotated[str, typer.Option(help="The last day on which it counts, 2027-12-31.")],
    why: Annotated[str, typer.Option(help="The reason; it goes into the audit log.")],
    since: Annotated[str, typer.Option("--from", help="The first day; today without.")] = "",
) -> None:
    """Let a signer's key count here. From the first one on, only signed policies do.

    The platform's own policies then no longer do: install a signed default.toml next.

    Example: workbench policy trust privacy-officer 5f… --until 2027-12-31 --why "board 12/26"
    """
    rooms = house(context)
    try:
        first = date.fromisoformat(since) if since else rooms.clock.now().date()
        signer = Signer(name, public.strip().lower(), first, date.fromisoformat(until))
        bytes.fromhex(signer.key)
    except ValueError:
        raise Refusal(
            "bad_signer", "A key or a day cannot be read.", "Write days as 2027-12-31."
        ) from None
    trust_signer(rooms.records, rooms.instance.zone("engine"), signer, rooms.actor, why)
    out.print(f"The key of {name} counts from {signer.valid_from} until {signer.valid_until}.")


@app.command("install")
def install(context: typer.Context, policy: Policy) -> None:
    """Put a signed layer into force: checked against the default, newer than what is there.

    Example: workbench policy install nafld_lab.toml
    """
    rooms = house(context)
    instance = rooms.instance
    name = install_policy(
        rooms.records,
        instance.root,
        instance.zone("engine"),
        policy,
        rooms.clock.now().date(),
        rooms.actor,
    )
    out.print(f"{name} is in force for plans from now on.")


@app.command("check")
def check(context: typer.Context) -> None:
    """Check every layer in force: signatures where they are asked for, and none weaker.

    Exit status 2 at the first that is wrong, which is named.

    Example: workbench policy check
    """
    folder = house(context).policies
    table = Table(
        Column("layer", no_wrap=True), "version", "written by", "approved by", "stricter in"
    )
    for name, layer in folder.checked().items():
        told = "everything" if name == "default.toml" else ", ".join(sorted(layer["rules"]))
        table.add_row(name, str(layer["version"]), layer["written_by"], layer["approved_by"], told)
    days = folder.days_left()
    out.print(table)
    how = "These are the platform's own policies, unsigned."
    if days is not None:
        how = f"Every layer is signed; the first key counts for {days} days more."
    out.print(f"[green]Every layer holds.[/] {how}")


@app.command("show")
def show(
    context: typer.Context,
    registries: Annotated[
        list[str] | None, typer.Option("--registry", help="A linked registry. Repeat for more.")
    ] = None,
    project: Annotated[str, typer.Option(help="The project's policy.")] = "default",
) -> None:
    """Show what counts for a project: each rule, and which layer asks for it.

    Example: workbench policy show --registry nafld_lab --project example
    """
    layers = house(context).policies.layers(registries or [], project)
    effective = load_policy(layers)
    table = Table("rule", "value", "asked by")
    for name in KEYS:
        value = getattr(effective, name)
        asking = [
            layer["name"]
            for layer in layers
            if name in layer["rules"] and KEYS[name].read(layer["rules"][name]) == value
        ]
        shown = ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
        table.add_row(name, shown, ", ".join(asking))
    out.print(table)
    out.print(f"Hash in certificates: {effective.hash}", highlight=False, soft_wrap=True)


@app.command("replay")
def replay(
    context: typer.Context,
    policy: Policy,
    project: Annotated[str, typer.Option(help="Only the releases of this project.")] = "",
) -> None:
    """Tell which past releases a layer would have refused or changed, before it is in force.

    Each release is computed again on the view it was made from and judged under the layer: a
    default or a project's in the place of any, a registry's in that of the registry. Nothing is
    released, charged or shown but how many cells are withheld. The engine must run.

    Example: workbench policy replay stricter.toml --project nafld-mortality
    """
    rooms = house(context)
    try:
        layer = policy.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Refusal("no_policy", f"{policy} cannot be read.", "Check the file's name.") from None
    releases = past_releases(rooms.records, project)
    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("judging anew", total=len(releases))
        found = replay_policy(
            rooms.records, rooms.rejudger, layer, releases, rooms.actor, lambda: shown.advance(task)
        )
    table = Table("release", "would be", "withheld before", "withheld then", "by")
    for outcome in ("refused", "changed", "unknown"):
        for release, told in found.get(outcome, ()):
            rules: Any = told["rules"]
            row = (release, outcome, str(told["before"]), str(told["after"]), ", ".join(rules))
            table.add_row(*row)
    if table.row_count:
        out.print(table)
    counts = ", ".join(f"{len(told)} {outcome}" for outcome, told in sorted(found.items()))
    out.print(f"{len(releases)} releases: {counts or 'none'}. Nothing was released or charged.")
