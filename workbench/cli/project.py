"""`workbench project`: permits, from a commented draft to the view that they open."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from disclosure.privacy.conversion import tight_epsilon
from kernels.host.config import Limits
from kernels.host.egress.capacity import sealed_kernel, sealed_runs
from workbench.cli.house import House, house
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.ports import CatalogueVariable, HeldPermit
from workbench.services.build_view import build_view
from workbench.services.calm import calm_project
from workbench.services.draft_permit import DatasetDraft, draft_permit, parse_member
from workbench.services.extend_budget import extend_budget
from workbench.services.grant import grant_permit
from workbench.services.permit_file import parse_permit
from workbench.services.suspend import resume_permit, revoke_permit, suspend_permit

__all__ = ["app", "sealed_capacity"]

app = typer.Typer(
    no_args_is_help=True,
    help="Projects and their permits: the permit is the only thing that opens data.",
)
out = Console()

Project = Annotated[str, typer.Argument(help="The project's name.")]
Why = Annotated[str, typer.Option(help="The reason; it goes into the audit log.")]


@app.command("new")
def new(
    context: typer.Context,
    project: Project,
    datasets: Annotated[
        list[str],
        typer.Option(
            "--dataset",
            help="A published dataset, with all its variables; or NAME=VARIABLE,VARIABLE. "
            "Repeat for more.",
        ),
    ],
    members: Annotated[
        list[str],
        typer.Option(
            "--member", help="An account, or ACCOUNT:lead. Repeat for more; the first leads."
        ),
    ],
    target: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("permit.toml"),
    days: Annotated[int, typer.Option(min=1, help="How long it shall be valid.")] = 365,
) -> None:
    """Write a permit's TOML with every field explained; nothing is granted yet.

    Example: workbench project new clinic-study --dataset clinic_visit --member kari
    """
    rooms = house(context)
    today = rooms.clock.now().date()
    text = draft_permit(
        project,
        [_dataset(rooms, dataset) for dataset in datasets],
        [parse_member(member) for member in members],
        today,
        today + timedelta(days=days),
        sealed_capacity(),
    )
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refusal(
            "file_exists", f"{target} exists already.", "Name another file with --out."
        ) from None
    except OSError:
        raise Refusal(
            "not_written", f"{target} cannot be written.", "Name another file with --out."
        ) from None
    out.print(f"Wrote {target}. Read it, then: workbench project grant {target}")


@app.command("grant")
def grant(
    context: typer.Context,
    permit: Annotated[Path, typer.Argument(help="The permit's TOML file.")],
    why: Why = "",
) -> None:
    """Grant a permit, or amend the one of the same project, and build its view and twin.

    Example: workbench project grant docs/tutorial/nafld/permit.toml
    """
    try:
        text = permit.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Refusal(
            "no_file", f"{permit} cannot be read as text.", "Check its name and encoding (UTF-8)."
        ) from None
    parsed = parse_permit(text)
    rooms = house(context)
    with out.status(f"Building the view of {parsed.project} …"):
        granted = grant_permit(rooms.records, rooms.desk, parsed, who=rooms.actor, why=why)
    _tell(granted.held, granted.report)


@app.command("build")
def build(context: typer.Context, project: Project, why: Why = "") -> None:
    """Build the project's view anew, from what its registries have published since.

    Example: workbench project build nafld-mortality --why "version 1.1.0 is out"
    """
    rooms = house(context)
    with out.status(f"Building the view of {project} …"):
        granted = build_view(rooms.records, rooms.desk, project, who=rooms.actor, why=why)
    _tell(granted.held, granted.report)


@app.command("list")
def listing(context: typer.Context) -> None:
    """Show every project: its permit's state and period, members, budget.

    Example: workbench project list
    """
    rooms = house(context)
    today = rooms.clock.now().date()
    table = Table("project", "state", "valid", "members", "datasets", "ρ spent / granted")
    for held in rooms.records.permits.all():
        permit = held.permit
        account = rooms.records.releases.account(permit.project)
        open_now = held.state is PermitState.ACTIVE and permit.covers(today)
        state = str(held.state) if open_now or held.state is not PermitState.ACTIVE else "expired"
        table.add_row(
            permit.project,
            state,
            f"{permit.valid_from} – {permit.valid_until}",
            ", ".join(member.user for member in permit.members),
            str(len(permit.datasets)),
            f"{account.spent} / {account.granted}",
        )
    out.print(table)


@app.command("show")
def show(context: typer.Context, project: Project) -> None:
    """Show a project's permit as it stands, as JSON.

    Example: workbench project show nafld-mortality
    """
    held = house(context).records.permits.find(project)
    if held is None:
        raise Refusal("no_permit", "This project has no permit.", "See `workbench project list`.")
    told = {
        "state": str(held.state),
        "view": held.view_version,
        "permit": held.permit.model_dump(mode="json"),
    }
    out.print_json(json.dumps(told))


@app.command("budget")
def budget(context: typer.Context, project: Project) -> None:
    """Show a project's privacy accounts: its own, and one for each registry that was paid.

    Example: workbench project budget nafld-mortality
    """
    rooms = house(context)
    held = rooms.records.permits.find(project)
    if held is None:
        raise Refusal("no_permit", "This project has no permit.", "See `workbench project list`.")
    book = rooms.records.releases
    account, registries = book.account(project), book.registry_accounts(project)
    limit = rooms.policies.of(
        (one.registry for one in registries), held.permit.policy
    ).rho_per_registry
    rows = [("the project", account.granted, account.spent)]
    rows += [(one.registry, limit + one.extended, one.spent) for one in registries]
    table = Table("account", "ρ granted", "spent", "left")
    for name, granted, spent in rows:
        table.add_row(name, str(granted), str(spent), str(max(granted - spent, Fraction(0))))
    out.print(table)
    for delta in (1e-6, 1e-9):
        told = tight_epsilon(account.spent, delta)
        out.print(f"Spent so far: ε = {told:.4g} at δ = {delta:g}.")
    for one in book.extensions(project):
        out.print(
            f"{one.at:%Y-%m-%d} {one.granted_by} granted ρ = {one.rho} "
            f"({one.registry or 'the project'}): {one.why}",
            markup=False,
        )


@app.command("extend")
def extend(
    context: typer.Context,
    project: Project,
    rho: Annotated[str, typer.Option(help="How much more, an exact fraction such as 1/4.")],
    why: Why,
    registry: Annotated[
        str, typer.Option(help="Of which registry's account; the project's own without it.")
    ] = "",
) -> None:
    """Grant a project more privacy budget, with a reason; nothing else of its permit changes.

    Example: workbench project extend nafld-mortality --rho 1/4 --why "second round of review"
    """
    rooms = house(context)
    extend_budget(
        rooms.records, rooms.clock, project, rho, registry=registry, who=rooms.actor, why=why
    )
    account = rooms.records.releases.account(project)
    out.print(f"{project}: ρ = {account.granted} granted, {account.spent} spent.")


@app.command("suspend")
def suspend(context: typer.Context, project: Project, why: Why) -> None:
    """Close a project until it is resumed; its running kernels end.

    Example: workbench project suspend nafld-mortality --why "agreement under review"
    """
    rooms = house(context)
    _tell(suspend_permit(rooms.records, project, who=rooms.actor, why=why))


@app.command("resume")
def resume(context: typer.Context, project: Project, why: Why) -> None:
    """Open a suspended project again.

    Example: workbench project resume nafld-mortality --why "agreement renewed"
    """
    rooms = house(context)
    _tell(resume_permit(rooms.records, project, who=rooms.actor, why=why))


@app.command("calm")
def calm(context: typer.Context, project: Project, why: Why) -> None:
    """Let a project go on asking that was sent to a disclosure officer for how it asked.

    `workbench audit list --subject PROJECT` shows what was seen; the pauses begin anew.

    Example: workbench project calm nafld-mortality --why "sensitivity analysis, talked to Kari"
    """
    rooms = house(context)
    calm_project(rooms.records, project, who=rooms.actor, why=why)
    out.print(f"{project} may go on.", highlight=False)


@app.command("revoke")
def revoke(context: typer.Context, project: Project, why: Why) -> None:
    """Close a project for good.

    Example: workbench project revoke nafld-mortality --why "study ended"
    """
    rooms = house(context)
    _tell(revoke_permit(rooms.records, project, who=rooms.actor, why=why))


def sealed_capacity() -> tuple[int, int]:
    """What sealed runs and interactive sealed kernels can tell, bits a day and person."""
    return _bits(sealed_runs), _bits(sealed_kernel)


def _bits(capacity: Callable[[Limits], float]) -> int:
    return math.ceil(capacity(Limits()))


def _dataset(rooms: House, text: str) -> DatasetDraft:
    name, said, variables = text.partition("=")
    if not said:
        return DatasetDraft(name, tuple(rooms.catalogue.variables(name)))
    wanted = tuple(
        CatalogueVariable(word.strip(), "", {}) for word in variables.split(",") if word.strip()
    )
    return DatasetDraft(name, wanted)


def _tell(held: HeldPermit, report: Mapping[str, Any] | None = None) -> None:
    permit = held.permit
    out.print(
        f"[bold]{permit.project}[/] is {held.state}, {permit.valid_from} – {permit.valid_until}, "
        f"{len(permit.members)} member(s), view {held.view_version or 'not built'}."
    )
    for name, opened, capacity in (
        ("sealed runs", permit.sealed_runs, sealed_runs),
        ("interactive sealed kernels", permit.sealed_kernel, sealed_kernel),
    ):
        if opened:
            out.print(
                f"It opens {name}: hostile code could so smuggle out {_bits(capacity):,} bits "
                "a day and person (see docs/explanation/limitations.md)."
            )
    if report:
        out.print_json(json.dumps(dict(report), default=str))
