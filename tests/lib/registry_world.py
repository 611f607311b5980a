"""An instance with two small registries of the same synthetic people, and its two processes."""

import atexit
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from unittest import mock

import numpy as np
import polars as pl

import pseudonym.linker
import pseudonym.vault
from pseudonym import keyring
from pseudonym.card import load_card
from pseudonym.contract.model import Contract
from pseudonym.errors import Refusal
from pseudonym.identifiers import control_digits
from pseudonym.keys import DESK_SECRET, LINK_SECRET, found_instance, read_secret
from pseudonym.linker_client import LinkerClient
from pseudonym.pack import write_pack
from workbench.settings import Instance

CODE = Path(__file__).resolve().parents[2]
CANARY = "kanarifugl"


def people(count: int, seed: int = 7) -> pl.Series:
    """Distinct synthetic national identifiers (month + 80), in random order."""
    dice = np.random.default_rng(seed)
    stems = np.unique(
        dice.integers(1, 29, 3 * count) * 10**7
        + dice.integers(81, 93, 3 * count) * 10**5
        + dice.integers(0, 10**5, 3 * count)
    )
    numbers, exist = control_digits(dice.permutation(stems))
    return pl.Series([f"{number:011d}" for number in numbers[exist][:count]])


def contract(
    dataset: str = "visit", registry: str = "reg_visit", version: str = "1.0.0", **changes: object
) -> Contract:
    """A dataset of events (or of persons: temporality FIXED) with one variable of each type."""
    raw: dict[str, object] = {
        "registry": {"id": registry, "name": {"en": registry}, "publisher": "Test"},
        "dataset": {
            "id": dataset,
            "version": version,
            "label": {"nb": "Besøk", "en": "Visits"},
            "temporalityType": changes.pop("temporality", "EVENT"),
        },
        "identifier": [{"name": "patient", "column": "fnr", "idType": ["FNR", "DNR"]}],
        "variable": [
            {"name": "day", "label": {"en": "Day"}, "dataType": "DATE", "role": "start"},
            {
                "name": "ward",
                "label": {"en": "Ward"},
                "dataType": "STRING",
                "valueDomain": {
                    "codes": [
                        {"code": "med", "label": {"en": "Medicine"}},
                        {"code": "kir", "label": {"en": "Surgery"}},
                    ]
                },
            },
            {
                "name": "age",
                "label": {"en": "Age"},
                "dataType": "LONG",
                "unit": "years",
                "missing": {"allowed": False},
                "valueDomain": {"min": 0, "max": 120},
            },
            {"name": "value", "label": {"en": "Value"}, "dataType": "DOUBLE"},
            {"name": "smoker", "label": {"en": "Smoker"}, "dataType": "BOOLEAN"},
            {"name": "note", "label": {"en": "Note"}, "dataType": "STRING"},
        ],
        "load": {"quarantine": {"maxRate": 0.1}, "psi": {"warn": 5, "stop": 10}},
    }
    return Contract.from_json(raw | changes)


def content(ids: pl.Series, rows: int, seed: int = 3) -> pl.DataFrame:
    """Rows of the contract above: `patient` and the variables; notes carry the canary."""
    dice = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "patient": ids[dice.integers(0, len(ids), rows)],
            "day": pl.Series(dice.integers(14_000, 19_000, rows).astype(np.int32)).cast(pl.Date),
            "ward": pl.Series(["med", "kir"])[dice.integers(0, 2, rows)],
            "age": dice.integers(0, 100, rows),
            "value": dice.normal(10, 2, rows),
            "smoker": dice.random(rows) < 0.3,
            "note": [f"{CANARY} {number}" for number in dice.integers(0, 10**6, rows)],
        }
    )


@cache
def _template() -> Path:
    """One instance with keys, made once, stretched by no more than the least that is accepted."""
    root = Path(tempfile.mkdtemp(prefix="wb-template-")) / "instance"
    atexit.register(shutil.rmtree, root.parent, ignore_errors=True)
    instance = Instance.create(root, "test")
    quick = partial(keyring._Kdf, memory_kib=19456, iterations=2, lanes=1)
    with mock.patch.object(keyring, "_Kdf", quick):
        found_instance(root, "test", instance.id)
    return root


@dataclass
class World:
    """A running instance of its own, and what tests do with it."""

    root: Path
    sockets: Path
    stops: list[threading.Event] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    @property
    def client(self) -> LinkerClient:
        return LinkerClient(
            self.sockets / "linker.sock", read_secret(self.root / "store" / DESK_SECRET)
        )

    def pack(self, contract: Contract, rows: pl.DataFrame, name: str = "test.wbpack") -> Path:
        """Seal rows for the instance without checking them first."""
        rows = rows.with_row_index("_row", offset=1).with_columns(pl.col("_row").cast(pl.UInt32))
        ids = [item.name for item in contract.identifiers if item.column is not None]
        variables = [item.name for item in contract.variables]
        out = self.root / "inbox" / name
        card = load_card(self.root / "card.json")
        write_pack(out, contract, card, rows.select("_row", *ids), rows.select("_row", *variables))
        return out

    def load(self, contract: Contract, rows: pl.DataFrame) -> dict:
        return self.client.load(self.pack(contract, rows))

    def publish(self, contract: Contract, rows: pl.DataFrame) -> None:
        loaded = self.load(contract, rows)
        assert loaded["state"] == "staged", loaded["report"]["findings"]
        self.client.publish(loaded["dataset"], loaded["version"])

    def start(self) -> None:
        self.start_vault()
        self.start_linker()

    def start_vault(self) -> None:
        place = self.sockets / "vault.sock"
        secret = self.root / "vault" / LINK_SECRET
        self._run(pseudonym.vault.serve, self.root / "vault", place, secret, "test")

    def start_linker(self) -> None:
        self._run(
            pseudonym.linker.serve,
            self.root / "store",
            self.root / "views",
            self.sockets / "linker.sock",
            self.root / "store" / DESK_SECRET,
            pseudonym.linker.VaultDoor(
                self.sockets / "vault.sock", self.root / "store" / LINK_SECRET
            ),
            "test",
        )
        self.wait()

    def wait(self) -> None:
        """Until the linker answers; raises what kept it from that."""
        end = time.monotonic() + 30
        while True:
            try:
                return self.client.ping()
            except Refusal:
                if self.errors or time.monotonic() > end:
                    self.stop()
                    raise self.errors[0] if self.errors else TimeoutError from None
                time.sleep(0.02)

    @contextmanager
    def doomed(
        self, service: str, *, kill_at: int = 0, file_limit: int = 0
    ) -> Iterator[subprocess.Popen[bytes]]:
        """One of the two as a process of its own, that dies or runs out of room."""
        arguments = [service, str(self.root), str(self.sockets), str(kill_at), str(file_limit)]
        command = [sys.executable, "-m", "tests.lib.doomed_service", *arguments]
        process = subprocess.Popen(command, cwd=CODE)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def stop(self) -> None:
        for stop in reversed(self.stops):
            stop.set()
        for thread in self.threads:
            thread.join(20)
        self.stops, self.threads = [], []

    def _run(self, serve, *arguments) -> None:
        stop = threading.Event()

        def run() -> None:
            try:
                serve(*arguments, environ={}, stop=stop)
            except BaseException as error:  # noqa: BLE001 - shown by the test that waits
                self.errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.stops.append(stop)
        self.threads.append(thread)


@contextmanager
def world(*, running: bool = True) -> Iterator[World]:
    """A fresh instance in a folder with a short name (sockets need one), removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="wb-"))
    shutil.copytree(_template(), home / "instance")
    made = World(home / "instance", home / "run")
    made.sockets.mkdir(mode=0o700)
    try:
        if running:
            made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)
