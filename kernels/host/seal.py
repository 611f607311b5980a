"""Seal the environment of the kernels after its installation: `python -m kernels.host.seal`.

    seal.py DRAFT KERNEL.IN KERNEL.TXT    check DRAFT/site against the lock, lean it, seal it
    seal.py --use FOLDER                  from now on new daemons give kernels this environment

`images/setup` runs both. A sealed folder holds `site/` (the packages, and packages.json about
them) and SEAL, one line a file: its SHA-256, its size in bytes and its path below `site`.
"""

import base64
import compileall
import csv
import hashlib
import json
import os
import py_compile
import re
import shutil
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from kernels.errors import Refusal
from kernels.host.environment import MANIFEST, SEAL, SITE, Pointer, pointer_file

__all__ = ["seal", "use"]

_FORMAT = 1
"""Counted up when a folder is made or sealed in another way: images/setup then makes a new one."""
_ELSEWHERE = ("bin", "share", "etc")
"""Programs, manuals and configuration, which packages lay beside their code: none is imported."""
_UNUSED = ("pyarrow/include", "pyarrow/src")
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(.*)$")


def seal(draft: Path, wanted: Path, lock: Path) -> None:
    """Check that `draft/site` is what the lock says, and write manifest and seal.

    wanted: the lock's input, whose names are those that a researcher is shown first. Raises
    Refusal("not_the_lock") when a package or a file is there too much, too little or changed.
    """
    site = draft / SITE
    for folder in _ELSEWHERE:
        shutil.rmtree(site / folder, ignore_errors=True)
    found = list(distributions(path=[str(site)]))
    _check_packages({_name(each): each.version for each in found}, lock)
    _check_files(site, found)
    first = {_normal(line.split("==")[0].strip()) for line in _lines(wanted)}
    listed = [_described(each, first) for each in sorted(found, key=_name)]
    _lean(site)
    (site / MANIFEST).write_text(json.dumps(listed, indent=1, ensure_ascii=False), encoding="utf-8")
    for path in (draft, *draft.rglob("*")):  # whatever the umask: kernels have uids of their own
        path.chmod(0o755 if path.is_dir() else 0o644)
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_size} "
        f"{path.relative_to(site).as_posix()}\n"
        for path in sorted(site.rglob("*"))
        if path.is_file()
    ]
    (draft / SEAL).write_text("".join(lines), encoding="utf-8")


def use(folder: Path, pointer: Path) -> None:
    """Point new daemons at a sealed folder; one rename, those that run keep theirs."""
    digest = hashlib.sha256((folder / SEAL).read_bytes()).hexdigest()
    pointer.parent.mkdir(parents=True, exist_ok=True)
    draft = pointer.with_name(f".{pointer.name}-{os.getpid()}")
    draft.write_text(Pointer(folder=str(folder.resolve()), seal=digest).model_dump_json() + "\n")
    draft.replace(pointer)


def _check_packages(found: dict[str, str], lock: Path) -> None:
    """Every package in a version that the lock names; all that it names for every machine."""
    allowed: dict[str, set[str]] = {}
    always = set()
    for line in _lines(lock):
        if match := _LOCKED.match(line):
            name = _normal(match[1])
            allowed.setdefault(name, set()).add(match[2])
            if ";" not in match[3]:
                always.add(name)
    wrong = sorted(name for name in found if found[name] not in allowed.get(name, ()))
    wrong += sorted(always - found.keys())
    if wrong:
        raise _not_the_lock(f"these packages differ: {', '.join(wrong[:5])}")


def _check_files(site: Path, found: list[Distribution]) -> None:
    """Every file is in a package's RECORD, with the hash that stands there."""
    recorded: dict[Path, str] = {}
    for each in found:
        for row in csv.reader((each.read_text("RECORD") or "").splitlines()):
            recorded[(site / row[0]).resolve()] = row[1]
    there = {path.resolve() for path in site.rglob("*") if path.is_file() or path.is_symlink()}
    if strange := there - recorded.keys():
        raise _not_the_lock(f"{len(strange)} file(s) are of no package")
    for path, entry in recorded.items():
        if not path.is_relative_to(site.resolve()):
            continue  # of _ELSEWHERE
        kind, _, told = entry.partition("=")
        if kind and (path not in there or _digest(path, kind) != told):
            raise _not_the_lock(f"{path.relative_to(site.resolve())} is not as it was packed")


def _digest(path: Path, kind: str) -> str:
    found = hashlib.new(kind, path.read_bytes()).digest()
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def _lean(site: Path) -> None:
    """Leave out what no notebook runs, and compile: then no import looks at a source's time."""
    for path in [*(site / each for each in _UNUSED), *site.rglob("tests")]:
        if path.is_dir():
            shutil.rmtree(path)
    compileall.compile_dir(
        site,
        quiet=2,
        workers=0,
        stripdir=str(site),
        prependdir="/opt/workbench/site/0",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _described(each: Distribution, first: set[str]) -> dict[str, str | bool]:
    told: Any = each.metadata  # a mapping, whatever its type says
    licence = told.get("License-Expression") or ""
    if not licence:
        classes = told.get_all("Classifier") or []
        named = [one.rsplit("::", 1)[1].strip() for one in classes if one.startswith("License ::")]
        licence = ", ".join(one for one in named if one != "OSI Approved")
    if not licence:
        licence = (told.get("License") or "").strip().split("\n", 1)[0][:60]
    return {
        "name": _name(each),
        "version": each.version,
        "purpose": " ".join((told.get("Summary") or "").split()),
        "licence": licence,
        "listed": _name(each) in first,
    }


def _name(each: Distribution) -> str:
    return _normal(each.metadata["Name"])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and line[0] not in "#-"]


def _not_the_lock(what: str) -> Refusal:
    return Refusal(
        "not_the_lock",
        f"The packages for kernels are not those of the lock: {what}.",
        "Run images/setup again; it installs them anew.",
    )


def main() -> int:
    """The program; exit status 2 with the reason when it refuses."""
    try:
        if sys.argv[1] == "--use":
            use(Path(sys.argv[2]), pointer_file())
        else:
            seal(*map(Path, sys.argv[1:4]))
    except Refusal as refusal:
        print(f"{refusal.reason} {refusal.remedy}", file=sys.stderr)  # noqa: T201 - a program
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
