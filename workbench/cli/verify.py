"""`workbench verify`: is this certificate, or this whole history, genuine? Offline, by anyone."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from workbench.cli.house import house
from workbench.domain.errors import Refusal
from workbench.services.verify_certificate import Verified, trusted_keys, verify_certificate
from workbench.services.verify_history import end_of, verify_history

__all__ = ["app"]

app = typer.Typer()
out = Console()
err = Console(stderr=True)


@app.command("verify")
def verify(
    context: typer.Context,
    certificate: Annotated[
        Path | None, typer.Argument(help="The certificate, a JSON file.")
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            "--trust",
            help="Whom to trust: an instance's card.json, or its engine's public key in "
            "hexadecimal. Repeat for more. Default: this instance's card.",
        ),
    ] = None,
    contents: Annotated[
        list[Path] | None,
        typer.Option(
            "--content", help="A released file to compare with the certificate. Repeat for more."
        ),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option("--history", help="A history that `workbench audit export` wrote."),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--earlier", help="With --history: one exported before, which it must continue."
        ),
    ] = None,
    head: Annotated[
        str,
        typer.Option("--head", help="With --history: POSITION:HASH that you noted earlier."),
    ] = "",
) -> None:
    """Check a certificate's signature, then its proof, with a second and independent program.

    Nothing is asked over a network: the file, and a key that you trust, are enough. For a table the
    proof is checked anew: no withheld count below the threshold follows from what was published.

    With --history every release of an instance or project is checked: that the log is whole and
    in order, that no release is left out, each certificate with its proof, and all releases
    together as far as the public can tell. Without --head or --earlier nobody can know whether a
    newer log was kept from you.

    Example: workbench verify certificate.json --key card.json --content table.json
    """
    trusted: set[bytes] = set()
    for key in keys or [str(_card(context))]:
        place = Path(key)
        trusted |= trusted_keys(_text(place) if place.is_file() else key)
    if history is not None and certificate is None and not contents:
        noted = dict(_noted(head)) | (end_of(_first(earlier)) if earlier else {})
        _history(history, trusted, noted)
        return
    if certificate is None or history or earlier or head:
        raise Refusal(
            "one_thing",
            "Name one thing to verify.",
            "A certificate with its --content, or a --history with --head or --earlier.",
        )
    released = {str(place): _bytes(place) for place in contents or []}
    try:
        _tell(verify_certificate(_bytes(certificate), trusted, released))
    except Exception as refusal:
        if getattr(refusal, "code", "") == "certificate_untrusted":
            raise Refusal(
                "certificate_untrusted",
                "The certificate is signed by a key that you do not trust.",
                "Get the platform's card.json by another channel than the certificate, "
                "and name it with --key.",
            ) from None
        raise


def _history(place: Path, trusted: set[bytes], noted: dict[int, str]) -> None:
    try:
        size = place.stat().st_size
        with place.open("rb") as lines, Progress(console=err, transient=True) as shown:
            task = shown.add_task("checking", total=size)
            checked = verify_history(lines, trusted, noted, lambda n: shown.advance(task, n))
    except OSError:
        raise Refusal("no_file", f"{place} cannot be read.", "Check the file's name.") from None
    table = Table(show_header=False, box=None)
    table.add_row("instance", checked.instance)
    table.add_row("project", checked.project or "all")
    table.add_row("signed", checked.issued)
    table.add_row("log", f"{checked.position} entries, the last is {checked.head}")
    table.add_row(
        "releases",
        f"{checked.releases}: {checked.shown} counts shown, {checked.withheld} withheld, lowest "
        f"threshold {checked.threshold or 'none'}",
    )
    table.add_row(
        "together",
        f"{checked.compared} counts stand in several releases and agree; {checked.alone} releases "
        "could be checked only by themselves",
    )
    out.print(table)
    if not noted:
        out.print(
            f"Nothing newer can be ruled out. Note {checked.position}:{checked.head}",
            highlight=False,
            soft_wrap=True,
        )
    out.print("[green]The history holds.[/]")


def _noted(text: str) -> dict[int, str]:
    if not text:
        return {}
    position, _, mark = text.partition(":")
    if not (position.isascii() and position.isdigit()):
        raise Refusal(
            "bad_head",
            "The noted head is not POSITION:HASH.",
            "Copy both as they were printed earlier.",
        )
    return {int(position): mark}


def _first(place: Path) -> bytes:
    try:
        with place.open("rb") as lines:
            return lines.readline()
    except OSError:
        raise Refusal("no_file", f"{place} cannot be read.", "Check the file's name.") from None


def _card(context: typer.Context) -> Path:
    place = house(context).root / "card.json"
    if not place.is_file():
        raise Refusal(
            "no_trusted_key",
            "There is no instance here whose key could be trusted.",
            "Name the platform's card.json, or its engine's public key, with --key.",
        )
    return place


def _text(place: Path) -> str:
    return _bytes(place).decode("utf-8", "replace")


def _bytes(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:
        raise Refusal("no_file", f"{place} cannot be read.", "Check the file's name.") from None


def _tell(verified: Verified) -> None:
    statement, report = verified.statement, verified.report
    table = Table(show_header=False, box=None)
    table.add_row("release", f"{statement.release} ({statement.kind}) of {statement.project}")
    table.add_row("issued", f"{statement.issued}, code {statement.code_version}")
    if statement.data_versions:
        versions = ", ".join(f"{name} {one}" for name, one in statement.data_versions.items())
        table.add_row("data", versions)
    if statement.reviewers:
        table.add_row("reviewed by", ", ".join(statement.reviewers))
    if statement.rho != "0":
        table.add_row("privacy cost", f"ρ = {statement.rho}")
    if statement.kind == "table":
        table.add_row(
            "proof",
            f"{report.shown} counts shown, {report.withheld} withheld, "
            f"{report.intervals} intervals solved anew",
        )
    told = f"{verified.contents} compared" if verified.contents else "not compared (--content)"
    table.add_row("content", told)
    out.print(table)
    out.print("[green]The certificate holds.[/]")
