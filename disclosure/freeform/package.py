"""The files of one run together: models and their cards, ACRO packages and what they name."""

import hashlib
from collections.abc import Mapping

from disclosure.acro import Package, read_package
from disclosure.findings import Finding, Severity
from disclosure.freeform import CHECKS, Examined, examine, sorted_by_risk
from disclosure.freeform.candidate import Kind, kind_of, read
from disclosure.freeform.models import Card, card_of
from disclosure.freeform.words import finding

__all__ = ["RESULTS", "examine_all"]

RESULTS = "results.json"


def examine_all(files: Mapping[str, bytes], threshold: int = 10) -> dict[str, Examined]:
    """Every file by the name that the run gave it, with what is found of it alone and beside the
    others. Never raises on any names or bytes."""
    found = {name: examine(name, content, threshold) for name, content in files.items()}
    said: dict[str, list[Finding]] = {name: [] for name in files}
    package = read_package(files[RESULTS]) if RESULTS in files else None
    if package is not None:
        _acro(package, files, said)
    _models(files, said)
    return {name: _joined(one, said[name], package, files) for name, one in found.items()}


def _joined(
    one: Examined, said: list[Finding], package: Package | None, files: Mapping[str, bytes]
) -> Examined:
    """A file's findings without those that its part among the others explains."""
    silent: set[str] = set()
    if package is not None and one.name == RESULTS:
        silent = {"freeform.small_counts"}  # places of cells, which are held against the table
    card = card_of(one.content) if kind_of(one.name) is Kind.JSON else None
    if card is not None and _about(card, card.file, files):
        silent = {"freeform.small_counts", "freeform.pseudonyms"}  # the model's own hash
    kept = [*said, *(finding for finding in one.findings if finding.rule not in silent)]
    return Examined(one.name, one.content, sorted_by_risk([(len(CHECKS), one) for one in kept]))


def _about(card: Card | None, name: str, files: Mapping[str, bytes]) -> bool:
    """Whether a card is about exactly this file."""
    content = files.get(name)
    return (
        card is not None
        and content is not None
        and card.file == name
        and card.sha256 == hashlib.sha256(content).hexdigest()
    )


def _models(files: Mapping[str, bytes], said: dict[str, list[Finding]]) -> None:
    cards = [card_of(content) for name, content in files.items() if kind_of(name) is Kind.JSON]
    named = {one.file: one for one in cards if one is not None}
    for name in files:
        if kind_of(name) is not Kind.MODEL:
            continue
        if not _about(named.get(name), name, files):
            said[name].append(
                _said(
                    "models",
                    Severity.BLOCKING,
                    "No model card of the run is about this model.",
                    "Ingen av kjøringens modellkort handler om denne modellen.",
                    "Write a card with its name and SHA-256; see the reference of output checks.",
                    "Skriv et kort med navn og SHA-256; se referansen for kontroll av filer.",
                )
            )
    for name, content in files.items():
        card = card_of(content) if kind_of(name) is Kind.JSON else None
        if card is not None and card.file not in files:
            said[name].append(
                _said(
                    "models",
                    Severity.NOTE,
                    "The model that the card is about is not among the files.",
                    "Modellen som kortet handler om, er ikke blant filene.",
                    "Submit both together.",
                    "Lever begge sammen.",
                )
            )


def _acro(package: Package, files: Mapping[str, bytes], said: dict[str, list[Finding]]) -> None:
    states = [one.status for one in package.results.values()]
    counts = ", ".join(f"{states.count(one)} {one}" for one in ("pass", "review", "fail"))
    version = f" {package.usual_version}" if package.usual_version else ""
    said[RESULTS].append(
        _said(
            "acro",
            Severity.NOTE,
            f"A package of ACRO{version}: {len(states)} outputs, {counts}. ACRO protects no margin "
            "and compares with no earlier release.",
            f"En pakke fra ACRO{version}: {len(states)} resultater, {counts}. ACRO beskytter ingen "
            "margin og sammenligner ikke med tidligere utgivelser.",
            "Look at each file as if it had no status.",
            "Se på hver fil som om den ikke hadde noen status.",
            len(states),
        )
    )
    missing = [name for name in package.files if name not in files]
    if missing:
        said[RESULTS].append(
            _said(
                "acro",
                Severity.BLOCKING,
                f"{len(missing)} file(s) that the package names are not there.",
                f"{len(missing)} fil(er) som pakken nevner, er ikke med.",
                "Write every file of the package to /outbox, without folders.",
                "Skriv alle filene i pakken til /outbox, uten mapper.",
                len(missing),
            )
        )
    for name, record in package.files.items():
        if name not in files:
            continue
        if record.status == "fail":
            said[name].append(_failed(record.failed_cells))
        elif record.status == "review":
            said[name].append(_review())
        if name in package.kept_back:
            said[name].append(_kept_back())
        if record.exception:
            said[name].append(_exception())
        strays = _strays(package, name, files[name])
        if strays:
            said[RESULTS].append(_places(strays))


def _strays(package: Package, name: str, content: bytes) -> int:
    """Places of cells that lie outside of the file's own table: numbers that point nowhere."""
    tables = read(name, content, 1).tables
    height = max((len(one.rows) + 3 for one in tables), default=0)
    width = max((len(one.header) for one in tables), default=0)
    cells = [
        place
        for one in package.results.values()
        for file in one.files
        if file.name == name
        for found in file.cells.values()
        for place in found
    ]
    return sum(not (0 <= row < height and 0 <= column < width) for row, column in cells)


def _failed(cells: int) -> Finding:
    return _said(
        "acro",
        Severity.BLOCKING,
        f"ACRO's own checks failed ({cells} cells).",
        f"ACROs egne kontroller feilet ({cells} celler).",
        "Use suppress=True, merge categories, or ask the workbench's engine for the table.",
        "Bruk suppress=True, slå sammen kategorier, eller be motoren i Workbench om tabellen.",
        cells,
    )


def _kept_back() -> Finding:
    return _said(
        "acro",
        Severity.BLOCKING,
        "ACRO wrote this file for the officer: it is not to be released.",
        "ACRO skrev denne filen til kontrolløren: den skal ikke utgis.",
        "Read it, and have it left out of the next submission.",
        "Les den, og be om at den utelates neste gang.",
    )


def _review() -> Finding:
    return _said(
        "acro",
        Severity.NOTE,
        "ACRO leaves this output to you.",
        "ACRO overlater dette resultatet til deg.",
        "Look at it as at any other file.",
        "Se på det som på enhver annen fil.",
    )


def _exception() -> Finding:
    return _said(
        "acro",
        Severity.NOTE,
        "The researcher asks for an exception; the reason stands in results.json.",
        "Forskeren ber om et unntak; begrunnelsen står i results.json.",
        "Read it, and answer in the comment.",
        "Les den, og svar i kommentaren.",
    )


def _places(count: int) -> Finding:
    return _said(
        "acro",
        Severity.BLOCKING,
        f"{count} marked cell(s) lie outside of their table: numbers that say something else.",
        f"{count} merkede celle(r) ligger utenfor tabellen sin: tall som sier noe annet.",
        "Have ACRO write results.json anew.",
        "La ACRO skrive results.json på nytt.",
        count,
    )


def _said(
    rule: str, severity: Severity, english: str, norsk: str, do: str, gjor: str, count: int = 0
) -> Finding:
    return finding(rule, severity, (english, norsk), (do, gjor), count)
