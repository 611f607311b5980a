"""The example study: signed in through the hub, run in a real kernel, its releases verified."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from disclosure.certificate import verify
from workbench.cli.demo.data import TUTORIAL
from workbench.cli.house import House
from workbench.domain.errors import Refusal

__all__ = ["RELEASE", "Outcome", "run_study", "save_certificate"]

NOTEBOOK = "nafld-mortality.ipynb"
OFFERED = (TUTORIAL.parent / "studies" / "nafld-risk-factors.ipynb",)
"""Further notebooks on the same data, laid beside it for the researcher to run."""
RELEASE = "application/vnd.workbench.release+json"
_NBFORMAT: Any = nbformat  # its functions carry no types


@dataclass
class Outcome:
    """What the notebook showed of releases and refusals, as text, and the releases' ids."""

    shown: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)


def run_study(rooms: House, project: str, user: str, password: str) -> Outcome:
    """Run the example notebook cell by cell; Refusal("notebook_failed") at the first error."""
    notebook = _NBFORMAT.read(TUTORIAL / NOTEBOOK, as_version=4)
    outcome = Outcome()
    hub = rooms.hub
    try:
        hub.sign_in(user, password)
        hub.start_server(project)
        hub.put(project, NOTEBOOK, notebook)
        for other in OFFERED:
            hub.put(project, other.name, _NBFORMAT.read(other, as_version=4))
        with hub.kernel(project) as kernel:
            for number, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    continue
                done = kernel.execute(cell.source)
                if done["status"] != "ok":
                    raise Refusal(
                        "notebook_failed",
                        f"Cell {number} of the example notebook ended with an error.",
                        "See the instance's folder logs, and `workbench doctor`.",
                    )
                for output in done["outputs"]:
                    _note(output, outcome)
    finally:
        hub.close()
    return outcome


def _note(output: Mapping[str, Any], outcome: Outcome) -> None:
    data = output.get("data", {})
    if RELEASE in data:
        named = data[RELEASE]
        named = json.loads(named) if isinstance(named, str) else named
        outcome.releases.append(str(named["release"]))
        outcome.shown.append("".join(data.get("text/plain", "")).rstrip())
    elif output.get("output_type") == "stream":
        outcome.shown.append("".join(output.get("text", "")).rstrip())


def save_certificate(rooms: House, release: str, place: Path) -> None:
    """Write a release's certificate and verify it offline; Refusal when it does not hold."""
    found = rooms.records.releases.find(release)
    if found is None:
        raise Refusal(
            "no_release",
            "The notebook showed a release that the records do not hold.",
            "Run `workbench audit verify`.",
        )
    draft = place.with_name(f".{place.name}.new")
    draft.write_text(json.dumps(found.certificate, indent=1, ensure_ascii=False) + "\n", "utf-8")
    draft.replace(place)
    verify(
        json.loads(place.read_text(encoding="utf-8")),
        {bytes.fromhex(rooms.card["signers"]["engine"])},
    )
