"""Releases and output requests as one package of ACRO, which SACRO-Viewer opens."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from disclosure.acro import Output, of_release, package
from disclosure.certificate import SIZE_LIMIT, Statement, content_sha256
from workbench.domain.errors import Refusal

__all__ = ["of_certificate", "of_request", "write_package"]

_STATUS = {"released": "pass", "approved": "pass", "rejected": "fail"}


def of_certificate(path: Path) -> Output:
    """A release out of what .save_certificate(…) wrote; its content must be what was certified.

    The signature is not looked at: `workbench verify` does that. Raises Refusal.
    """
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise ValueError
        found = json.loads(path.read_text(encoding="utf-8"))
        statement = Statement.model_validate(found["certificate"]["statement"])
        body = found["body"]
        fits = content_sha256(body) == statement.content_sha256
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise Refusal(
            "not_a_certificate",
            f"{path.name} holds no certificate with its content.",
            "Name what release.save_certificate(…) or release.download(…) wrote.",
        ) from None
    if not fits:
        raise Refusal(
            "certificate_tampered",
            f"The content of {path.name} is not what was certified.",
            "Take it from the release again.",
        )
    return of_release(statement.model_dump(mode="json"), body)


def of_request(told: Mapping[str, Any], files: Mapping[str, bytes]) -> list[Output]:
    """Each file of an output request as an output; its findings are the summary and comments."""
    return [
        Output(
            uid=f"request_{told['id']}_{number}",
            status=_status(str(told["state"]), file["findings"]),
            type="custom",
            command="custom",
            summary=_summary(file["findings"]),
            timestamp=str(told["created"]),
            files={str(file["name"]): files[str(file["name"])]},
            comments=[str(one["text"]["en"]) for one in file["findings"]],
        )
        for number, file in enumerate(told["files"])
    ]


def write_package(outputs: Sequence[Output], folder: Path) -> list[Path]:
    """Write the package into a folder that is not there yet: whole, or not at all."""
    names = [name for one in outputs for name in one.files]
    if len(set(names)) != len(names) or {"results.json", "config.json"} & set(names):
        raise Refusal(
            "file_exists",
            "Two of the files have one name.",
            "Export them into packages of their own.",
        )
    made = package(outputs, {"safe_threshold": 10, "suppress": True})
    draft: Path | None = None
    try:
        if folder.exists():
            raise FileExistsError
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".acro-", dir=folder.parent))
        for name, content in made.items():
            place = draft / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
        draft.chmod(0o755)
        os.rename(draft, folder)  # noqa: PTH104 - one name in place of the other, or neither
    except FileExistsError:
        raise Refusal(
            "file_exists", f"{folder} is there already.", "Name a folder that is not."
        ) from None
    except OSError:
        raise Refusal(
            "not_written", f"{folder} cannot be written.", "Name another folder."
        ) from None
    finally:
        if draft is not None and draft.exists():
            shutil.rmtree(draft, ignore_errors=True)
    return [folder / name for name in made]


def _status(state: str, findings: Sequence[Mapping[str, Any]]) -> Any:
    blocking = any(one["severity"] == "blocking" for one in findings)
    return _STATUS.get(state) or ("fail" if blocking else "review")


def _summary(findings: Sequence[Mapping[str, Any]]) -> str:
    found = [f"{one['severity']}: {one['rule']}" for one in findings]
    return "; ".join(dict.fromkeys(found)) or "no findings"
