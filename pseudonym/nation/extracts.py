"""The owner's half: each registry's extract as a Parquet file beside its contract, at any size.

    FOLDER/nation.json          seed, persons: what the folder is an extract of
    FOLDER/<dataset>.parquet    the extract; it is there when it is whole
    FOLDER/<dataset>/           contract.toml, codes/*.csv
    FOLDER/codes/               the levels above the codes: blocks, chapters, ATC groups

Blocks are drawn a few at a time and kept as parts; when all are there, each dataset's are streamed
into one file, which is renamed into place. A run that was killed goes on where it was.
"""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from pseudonym.durable import disk_refusals, sync_folder, write_file
from pseudonym.errors import Refusal
from pseudonym.nation.codes import levels
from pseudonym.nation.contracts import contract, table, write_contract
from pseudonym.nation.nation import Nation

__all__ = ["Progress", "extract_columns", "write_extracts"]

Progress = Callable[[str, float], None]
"""Called with what is being done and how much of the whole is, 0 to 1."""
BLOCKS_A_PART: Final = 5
_PARTS: Final = ".parts"
_LABEL: Final = "nation.json"


def write_extracts(
    nation: Nation, folder: Path, datasets: Sequence[str], progress: Progress | None = None
) -> dict[str, Path]:
    """Write what is missing of the datasets' extracts and contracts; the files by dataset.

    Memory is that of BLOCKS_A_PART blocks (about 300 MB) whatever the number of persons. Raises
    Refusal("other_nation") for a folder of another seed or size, Refusal("disk_full"),
    Refusal("not_written").
    """
    tell = progress or (lambda *_: None)
    with disk_refusals("the extracts"), _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _claim(nation, folder)
        for draft in folder.glob(".*.new"):  # of a run that was killed
            draft.unlink()
        for name in datasets:
            write_contract(name, folder / name)
        (folder / "codes").mkdir(exist_ok=True)
        for name, entries in levels().items():
            write_file(folder / "codes" / f"{name}.csv", table(entries), mode=0o644)
        files = {name: folder / f"{name}.parquet" for name in datasets}
        missing = tuple(name for name, file in files.items() if not file.exists())
        if missing:
            parts = _draw(nation, folder / _PARTS, missing, lambda done: tell("draw", 0.8 * done))
            for place, name in enumerate(missing):
                tell(name, 0.8 + 0.2 * place / len(missing))
                _join(parts[name], files[name])
        shutil.rmtree(folder / _PARTS, ignore_errors=True)
        tell("written", 1.0)
    return files


def extract_columns(dataset: str) -> list[str]:
    """The headers of an extract: identifiers, then variables, as the contract names them."""
    promised = contract(dataset)
    return [
        *(item.column for item in promised.identifiers if item.column),
        *(item.header for item in promised.variables),
    ]


def _claim(nation: Nation, folder: Path) -> None:
    """Mark the folder as this nation's; refuse another's."""
    label = {"v": 1, "seed": nation.seed, "persons": nation.persons}
    place = folder / _LABEL
    if place.exists():
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if found == label:
            return
        raise Refusal(
            "other_nation",
            "The folder holds a nation of another seed or size, or of another version.",
            "Name another folder, or remove this one.",
        )
    if any(folder.iterdir()):
        raise Refusal(
            "folder_in_use",
            "The folder holds something else than a nation.",
            "Name an empty folder, or one that does not exist.",
        )
    write_file(place, json.dumps(label).encode() + b"\n", mode=0o644)


def _draw(
    nation: Nation, folder: Path, datasets: tuple[str, ...], tell: Callable[[float], None]
) -> dict[str, list[Path]]:
    """The parts of each dataset in the order of the blocks; those that are there are kept."""
    folder.mkdir(exist_ok=True)
    parts: dict[str, list[Path]] = {name: [] for name in datasets}
    for start in range(0, nation.blocks, BLOCKS_A_PART):
        blocks = range(start, min(start + BLOCKS_A_PART, nation.blocks))
        part = f"{blocks.start:06d}-{blocks.stop:06d}.parquet"
        files = {name: folder / f"{name}-{part}" for name in datasets}
        wanted = tuple(name for name, file in files.items() if not file.exists())
        if wanted:
            drawn = [nation.block(number, wanted) for number in blocks]
            for name in wanted:
                frame = pl.concat([one[name] for one in drawn]).select(extract_columns(name))
                buffer = io.BytesIO()
                frame.write_parquet(buffer, compression="lz4", statistics=False)
                write_file(files[name], buffer.getvalue())
        for name, file in files.items():
            parts[name].append(file)
        tell(blocks.stop / nation.blocks)
    return parts


def _join(parts: Sequence[Path], place: Path) -> None:
    """Stream parts into one file, in order; it appears when it is whole and on disk."""
    draft = place.with_name(f".{place.name}.new")
    pl.scan_parquet(list(parts), glob=False).sink_parquet(
        draft, compression="zstd", compression_level=3, maintain_order=True
    )
    handle = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(place)
    sync_folder(place.parent)


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    """A folder that is not ours to write is the user's to mend."""
    try:
        yield
    except (PermissionError, NotADirectoryError, FileExistsError):
        raise Refusal(
            "not_written",
            f"The folder {folder.name} cannot be written.",
            "Name another folder, or mend its permissions.",
        ) from None
