"""Load a pack: the desk opens, validates and stages it; the records keep what became of it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.domain.audit import AuditEvent, What
from workbench.ports import Clock, LoadRecord, Records, RegistryDesk

__all__ = ["load_pack"]


def load_pack(
    records: Records, desk: RegistryDesk, clock: Clock, pack: Path, *, who: str, why: str = ""
) -> LoadRecord:
    """Stage a pack, or keep the report that says why not (state "staged" or "refused").

    who: an account or `os:name`. A pack that cannot even be opened (cut short, tampered with, for
    another instance, a version that exists) raises the desk's Refusal and leaves an audit event.
    """
    try:
        loaded = desk.load(pack)
    except Exception as error:
        code = getattr(error, "code", None)
        if isinstance(code, str):
            details = {"code": code}
            records.audit.append(AuditEvent(What.DATA_LOAD_REFUSE, who, "pack", why, details))
        raise
    record = _record(loaded, clock.now())
    what = What.DATA_LOAD_STAGE if record.state == "staged" else What.DATA_LOAD_REFUSE
    subject = f"{record.dataset}/{record.version}"
    records.loads.add(record, AuditEvent(what, who, subject, why, _counts(record)))
    return record


def _record(loaded: Mapping[str, Any], at: datetime) -> LoadRecord:
    return LoadRecord(
        id=loaded["load"],
        registry=loaded["registry"],
        dataset=loaded["dataset"],
        version=loaded["version"],
        state=loaded["state"],
        report=loaded["report"],
        at=at,
    )


def _counts(record: LoadRecord) -> dict[str, str | int]:
    return {
        "load": record.id,
        "contract": str(record.report.get("contract", "")),
        "rows": int(record.report.get("rows", 0)),
        "quarantined": int(record.report.get("quarantined", 0)),
        "findings": len(record.report.get("findings", ())),
    }
