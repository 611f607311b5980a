"""`workbench verify`: is this certificate genuine, and does its proof hold? Offline, by anyone."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from workbench.cli.house import house
from workbench.domain.errors import Refusal
from workbench.services.verify_certificate import Verified, trusted_keys, verify_certificate

__all__ = ["app"]

app = typer.Typer()
out = Console()


@app.command("verify")
def verify(
    context: typer.Context,
    certificate: Annotated[Path, typer.Argument(help="The certificate, a JSON file.")],
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
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
) -> None:
    """Check a certificate's signature, then its proof, with a second and independent program.

    Nothing is asked over a network: the file, and a key that you trust, are enough. For a table the
    proof is checked anew: no withheld count below the threshold follows from what was published.

    Example: workbench verify certificate.json --key card.json --content table.json
    """
    trusted: set[bytes] = set()
    for key in keys or [str(_card(context))]:
        place = Path(key)
        trusted |= trusted_keys(_text(place) if place.is_file() else key)
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
