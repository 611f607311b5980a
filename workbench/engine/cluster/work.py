"""What a worker does, and all that it does: a round of a bucket group, from JSON to arrays.

It believes the plan no more than the engine did: it checks it again. Keys are in memory while the
group is read; frames may be held for the next round, until the session ends or nobody asked for a
while. Nothing that it says of a failure holds a value.
"""

import base64
import json
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import polars as pl

from pseudonym.keyring import Secret
from pseudonym.sealing import unseal
from pseudonym.store.parquet import FileKeys, scan
from workbench.engine.analyses import Computation, State, computation_of
from workbench.engine.cluster.answers import packed
from workbench.engine.cluster.request import Forget, Keys, Opening, Work, context_of, parse_request
from workbench.engine.faults import incident
from workbench.engine.placed import Placed
from workbench.engine.refusals import translated
from workbench.engine.rounds import Contribution, read
from workbench.plan import Schema, check, parse
from workbench.plan.schema import DatasetSchema
from workbench.sdk.compile import EVERYBODY, PERSON, Scan, everybody, source

__all__ = ["ANSWER", "FAILED", "forget_old", "prepare", "run_group"]

ANSWER: Final = b"A"
FAILED: Final = b"F"
HELD: Final = 120.0
"""Seconds for which frames are held when nobody asks for them."""
UNDERSTOOD: Final = 8
"""Plans under way that a worker need not check again for each of their groups."""


class _Held:
    """What this worker has in hand between rounds."""

    def __init__(self) -> None:
        self.views = Path("/nonexistent")
        self.private = b""
        self._rows: dict[tuple[str, int], list[Any]] = {}
        self._asked: dict[str, float] = {}
        self._lock = threading.Lock()

    def rows(self, session: str, place: int) -> list[Any] | None:
        with self._lock:
            if session in self._asked:
                self._asked[session] = time.monotonic()
            return self._rows.get((session, place))

    def keep(self, session: str, place: int, rows: list[Any], most: int) -> None:
        with self._lock:
            held = [one for group in self._rows.values() for one in group]
            if sum(one.estimated_size() for one in (*held, *rows)) <= most:
                self._rows[session, place] = rows
                self._asked[session] = time.monotonic()

    def forget(self, *sessions: str) -> None:
        with self._lock:
            for session in sessions:
                self._asked.pop(session, None)
            self._rows = {key: held for key, held in self._rows.items() if key[0] in self._asked}

    def old(self) -> tuple[str, ...]:
        with self._lock:
            now = time.monotonic()
            return tuple(one for one, at in self._asked.items() if now - at > HELD)


_held = _Held()


def prepare(views: Path, folder: Path) -> None:
    """Where views lie, and what this worker's certificate folder holds to unseal keys with."""
    _held.views = views
    _held.private = bytes.fromhex((folder / "unseal.key").read_text(encoding="ascii"))


def forget_old() -> None:
    """Let go of what nobody has asked for in a while: an engine that died says no goodbye."""
    if old := _held.old():
        _held.forget(*old)


def run_group(text: str) -> bytes:
    """One request's answer: a letter, then an npz, or the id of an incident in this worker's log.

    It raises nothing: dask would send the exception on, with what it quotes. Nor does it say more:
    what the engine shows to a researcher is never a worker's text.
    """
    try:
        with translated():
            request = parse_request(text)
            if isinstance(request, Forget):
                _held.forget(request.session)
                return ANSWER
            return ANSWER + _answer(request)
    except BaseException as error:  # noqa: BLE001 - the boundary: nothing of it goes on
        return FAILED + incident(error).encode()


def _answer(request: Work) -> bytes:
    schema, computation = _understood(request.plan, json.dumps(request.view))
    persons = [one.persons for one in request.parts]
    state: State = json.loads(request.state)
    placed: list[Placed] = []
    held = _held.rows(request.session, request.place)
    if held is None or request.placing:
        scans = _scans(request, schema, persons)
        held, placed = read(computation, scans, persons, placing=request.placing)
        if computation.rounds:
            _held.keep(request.session, request.place, held, request.keep)
    made = Contribution([computation.partial(one, state) for one in held], placed)
    return packed(made, computation.checked.cells)


@lru_cache(maxsize=UNDERSTOOD)
def _understood(plan: str, view: str) -> tuple[Schema, Computation]:
    """A plan, checked; what is compiled of it is then remembered for all its bucket groups."""
    schema = Schema.from_view(json.loads(view))
    return schema, computation_of(check(parse(plan), schema))


def _scans(request: Work, schema: Schema, persons: Sequence[int]) -> list[Scan]:
    context = context_of(request.project, request.version, request.session)
    keys = Keys.model_validate_json(unseal(_held.private, base64.b64decode(request.keys), context))
    folder = _held.views / request.project / request.version

    def scan_of(place: int, count: int) -> Scan:
        def read(name: str) -> pl.LazyFrame:
            if name == EVERYBODY:
                return everybody(count)
            return _opened(folder, keys.datasets[name][place], schema.datasets[name])

        return read

    return [scan_of(place, count) for place, count in enumerate(persons)]


def _opened(folder: Path, opening: Opening, dataset: DatasetSchema) -> pl.LazyFrame:
    columns = {name: Secret(bytes.fromhex(key)) for name, key in opening.column_keys.items()}
    keys = FileKeys(Secret(bytes.fromhex(opening.footer_key)), columns)
    rows = scan(folder / opening.file, keys, opening.aad_prefix)
    return source(rows.set_sorted(PERSON), dataset)
