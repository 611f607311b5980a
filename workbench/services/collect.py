"""Take in what the gate daemon left in the spool: sealed runs' files, and kernels' starts and ends.

    spool/incoming/<run>/run.json     one finished sealed run; its files lie in spool/blobs
    spool/events/<time>-<mark>.json   one audit event
    spool/collected, spool/refused    where they go once they are dealt with

A run is taken in when its end may be told: the time of its request would tell it otherwise.
Every step may be repeated: requests are known by their run, events by their file's name, and a
spool entry is put away only after the records hold it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from disclosure.certificate import findings_json
from disclosure.freeform import Examined
from disclosure.freeform.package import examine_all
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Fault, Refusal
from workbench.domain.output import (
    OutputFile,
    OutputRequest,
    OutputState,
    content_of,
    request_id,
)
from workbench.ports import Blobs, Clock, Records

__all__ = ["Collected", "code_of", "collect"]

WHO = "service:airlock"
RECORD_LIMIT = 1 << 20
DEFAULT_THRESHOLD = 10
LONGEST_UNTOLD = 3600.0
"""Seconds; an end that is said to lie further ahead was written by another clock, and is told."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, Field(max_length=256)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _File(_Closed):
    name: Annotated[str, Field(min_length=1, max_length=255)]
    sha256: Hash
    size: Annotated[int, Field(ge=0)]


class _Run(_Closed):
    """run.json as the gate daemon writes it."""

    v: Literal[1]
    run: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    project: Short
    user: Short
    kernel: Short
    started: str | int | float
    ended: str | int | float
    outcome: Literal["ok", "error", "stopped"]
    line: int | None
    cell: int | None = None
    code_sha256: Hash
    files: Annotated[list[_File], Field(max_length=1000)]


class _Event(_Closed):
    v: Literal[1]
    what: Literal["kernel:run:start", "kernel:run:end", "kernel:cells:spend"]
    who: Short
    subject: Short
    why: Annotated[str, Field(max_length=1000)]
    details: dict[str, str | int]


@dataclass(frozen=True)
class Collected:
    """What one round took in: counts of runs, of requests made of them, of events, of refusals."""

    runs: int = 0
    requests: int = 0
    events: int = 0
    refused: int = 0


def collect(
    spool: Path,
    records: Records,
    blobs: Blobs,
    clock: Clock,
    *,
    threshold: int = DEFAULT_THRESHOLD,
) -> Collected:
    """Take in everything that lies in the spool; safe to repeat and to interrupt.

    A run with files becomes an output request with findings; one without makes none. A run that
    cannot be read, of a stranger, or whose files do not match is set aside and audited.
    threshold: the smallest count of persons that the project's policy shows.
    """
    runs = requests = events = refused = 0
    for place in _entries(spool / "events", r"[0-9]{1,20}-[0-9a-f]{1,64}\.json"):
        if _tried(partial(_take_event, place, records), place, spool, records):
            place.unlink(missing_ok=True)
            events += 1
        else:
            refused += 1
    for place in _entries(spool / "incoming", r"[0-9a-f]{16}"):
        if 0 < _ends(place) - clock.now().timestamp() < LONGEST_UNTOLD:
            continue
        take = partial(_take_run, place, records, blobs, clock, threshold)
        made = _tried(take, place, spool, records)
        if made is None:
            refused += 1
            continue
        _put_away(place, spool / "collected")
        runs += 1
        requests += made == "request"
    return Collected(runs, requests, events, refused)


def code_of(spool: Path, blobs: Blobs, run: str) -> tuple[str, str] | None:
    """The code that a collected run executed, and its SHA-256; None when none was kept.

    Raises Fault when the stored bytes no longer match.
    """
    try:
        told = _Run.model_validate_json(_read(spool / "collected" / run / "run.json"))
        content = blobs.get(told.code_sha256)
    except (FileNotFoundError, ValidationError):
        return None
    return content.decode("utf-8", "replace"), told.code_sha256


def _entries(folder: Path, pattern: str) -> list[Path]:
    """What lies finished in a folder, oldest name first; drafts have other names."""
    if not folder.is_dir():
        return []
    return sorted(place for place in folder.iterdir() if re.fullmatch(pattern, place.name))


def _tried(take: Callable[[], str], place: Path, spool: Path, records: Records) -> str | None:
    """What `take` made; None when the entry was refused, audited and set aside."""
    try:
        return take()
    except (ValidationError, UnicodeDecodeError):
        why = "malformed"
    except Refusal as refusal:
        if refusal.code in {"database_busy", "database_unreachable", "disk_full"}:
            raise
        why = refusal.code
    except FileNotFoundError:
        why = "incomplete"
    except Fault as fault:
        if fault.what != "a stored file no longer matches its address":
            raise
        why = "file_changed"
    records.audit.append(
        AuditEvent(What.OUTPUT_RUN_REFUSE, WHO, f"spool/{place.name}", why),
        once=f"refused:{place.name}",
    )
    _put_away(place, spool / "refused")
    return None


def _ends(place: Path) -> float:
    """When the end of a run may be told (Unix seconds); 0 when the record says nothing of it."""
    try:
        told = _Run.model_validate_json(_read(place / "run.json"))
        return float(told.ended)
    except (OSError, ValueError):
        return 0.0


def _put_away(place: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if place.exists() and not (folder / place.name).exists():
        place.rename(folder / place.name)


def _read(place: Path) -> bytes:
    with place.open("rb") as file:
        return file.read(RECORD_LIMIT)


def _take_event(place: Path, records: Records) -> str:
    told = _Event.model_validate_json(_read(place))
    event = AuditEvent(What(told.what), told.who, told.subject, told.why, told.details)
    records.audit.append(event, once=f"event:{place.stem}")
    return "event"


def _take_run(place: Path, records: Records, blobs: Blobs, clock: Clock, threshold: int) -> str:
    run = _Run.model_validate_json(_read(place / "run.json"))
    held = records.permits.find(run.project)
    if run.run != place.name or held is None or not held.permit.names(run.user):
        raise Refusal("stranger", "The run belongs to no member of a project.", "Run it again.")
    details: dict[str, str | int] = {
        "files": len(run.files),
        "outcome": run.outcome,
        "code": run.code_sha256,
    }
    if not run.files:
        event = AuditEvent(What.OUTPUT_FILE_COLLECT, WHO, f"{run.project}/{run.run}", "", details)
        records.audit.append(event, once=f"run:{run.run}")
        return "nothing"
    files = _files(run.files, blobs, threshold)
    request = OutputRequest(
        id=request_id(run.run),
        project=run.project,
        author=run.user,
        run=run.run,
        state=OutputState.SUBMITTED,
        files=files,
        content=content_of(files),
        created=clock.now(),
    )
    details |= {"content": request.content, "run": run.run}
    records.outputs.submit(
        request, AuditEvent(What.OUTPUT_REQUEST_SUBMIT, run.user, request.id, "", details)
    )
    return "request"


def _files(files: list[_File], blobs: Blobs, threshold: int) -> tuple[OutputFile, ...]:
    """The files as they may be released, which some are made anew for, with what was found."""
    contents: dict[str, bytes] = {}
    for file in files:
        content = blobs.get(file.sha256)
        if len(content) != file.size or file.name in contents:
            raise Refusal("file_changed", "A file is not of its size.", "Run it again.")
        contents[file.name] = content
    found = examine_all(contents, threshold)
    taken = {file.name for file in files}
    return tuple(
        _file(number, file, found[file.name], blobs, taken) for number, file in enumerate(files, 1)
    )


def _file(
    number: int, file: _File, examined: Examined, blobs: Blobs, taken: set[str]
) -> OutputFile:
    sha256 = file.sha256
    if examined.content != blobs.get(sha256):
        sha256 = blobs.put(examined.content)
    name = examined.name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,126}", name) or (
        name != file.name and name in taken
    ):
        # The name is the run's own word: one that could carry more than a name is replaced.
        suffix = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
        name = f"file-{number}{suffix.group() if suffix else ''}"
    findings = tuple(findings_json(examined.findings))
    return OutputFile(name, sha256, len(examined.content), findings)
