"""A million persons by two variables of 10 and 20 codes, in an instance made by the real way."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from pseudonym.contract.model import Contract
from pseudonym.pack import make_pack
from workbench.adapters.hub.settings import free_ports
from workbench.adapters.processes import Supervisor, services_of
from workbench.domain.permit import DatasetGrant, Member, Permit
from workbench.ports import HeldPermit
from workbench.services.grant import grant_permit
from workbench.services.load import load_pack
from workbench.services.publish import publish_version
from workbench.wiring import Rooms

HOME = Path(__file__).resolve().parents[2] / "var" / "bench"
PERSONS = 1_000_000
DATASET, ROWS, COLUMNS = "persons", "county", "diagnosis"
CODES = {
    ROWS: tuple(f"c{code:02}" for code in range(10)),
    COLUMNS: tuple(f"d{code:02}" for code in range(20)),
}
FALL = {ROWS: 0.55, COLUMNS: 0.7}
"""Each category is so much rarer than the one before it: some cells hold fewer than ten persons."""
PERMIT = Permit(
    project="benchmark",
    title="A benchmark",
    purpose="To measure",
    valid_from=date(2020, 1, 1),
    valid_until=date(2090, 1, 1),
    members=(Member(user="researcher"),),
    datasets=(DatasetGrant(dataset=DATASET, variables=(ROWS, COLUMNS)),),
)


def plaintext() -> Path:
    """The extract as its owner has it: one row a person, two columns of text."""
    path = HOME / "extract.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        dice = np.random.default_rng(20)
        columns = {}
        for name, codes in CODES.items():
            weights = FALL[name] ** np.arange(len(codes))
            drawn = dice.choice(len(codes), PERSONS, p=weights / weights.sum())
            columns[name] = pl.Series(codes)[drawn]
        draft = path.with_suffix(".new")
        pl.DataFrame(columns).write_parquet(draft)
        draft.replace(path)
    return path


def contract() -> Contract:
    """Each row is a person of its own; both variables have code lists and no missing values."""
    variables = [
        {
            "name": name,
            "label": {"en": name.capitalize()},
            "dataType": "STRING",
            "missing": {"allowed": False},
            "valueDomain": {"codes": [{"code": code, "label": {"en": code}} for code in codes]},
        }
        for name, codes in CODES.items()
    ]
    return Contract.from_json(
        {
            "file": {"format": "parquet"},
            "registry": {"id": "million", "name": {"en": "A million"}, "publisher": "Benchmark"},
            "dataset": {
                "id": DATASET,
                "version": "1.0.0",
                "label": {"en": "Persons"},
                "temporalityType": "FIXED",
            },
            "identifier": [{"name": "person", "idType": ["NONE"]}],
            "variable": variables,
        }
    )


def open_million() -> tuple[Rooms, HeldPermit]:
    """The instance and its permit; packed, loaded, published and linked the first time only."""
    rooms = Rooms(HOME / "instance")
    instance = rooms.found("test", free_ports(1)[0], "")
    held = rooms.records.permits.find(PERMIT.project)
    if held is None or not held.view_version:
        print("building the instance of a million persons …", file=sys.stderr, flush=True)
        needed = [one for one in services_of(instance) if one.name in ("vault", "linker")]
        with Supervisor(instance, needed) as processes:
            processes.start()
            held = _built(rooms)
    return rooms, held


def _built(rooms: Rooms) -> HeldPermit:
    if not any(load.state == "published" for load in rooms.records.loads.all()):
        pack = HOME / "extract.wbpack"
        make_pack(plaintext(), contract(), rooms.card, pack)
        load = load_pack(rooms.records, rooms.desk, rooms.clock, pack, who="os:bench")
        if load.state == "refused":
            raise SystemExit(f"the extract was refused: {load.report}")
        publish_version(rooms.records, rooms.desk, DATASET, load.version, who="owner")
        pack.unlink()
    return grant_permit(rooms.records, rooms.desk, PERMIT, who="os:bench").held
