"""Canaries through every way that an extract can go wrong: none is ever said, shown or quoted."""

import contextlib
import io
import json
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from pseudonym.contract import Report, profile, validate_content, validate_identifiers
from pseudonym.contract.columns import typed
from pseudonym.extract.checking import examine
from pseudonym.extract.draft import draft_contract
from pseudonym.extract.inference import guess
from pseudonym.extract.reading import read
from pseudonym.extract.sniffing import sniff
from pseudonym.pack import make_pack, read_content, read_identity
from tests.lib.extracts import Platform, a_contract, clean, numbers, put, text

WORD = "kanarifugl"
FNR = numbers(1, seed=77)[0]
REAL = numbers(1, month=0, seed=78)[0]
NUMBER = "7654321"
CANARIES = (WORD, FNR, REAL, NUMBER, f"{FNR[:6]} {FNR[6:]}")


CATEGORIES = ("Kjønn", "ward", "smoker")
"""A draft writes the values of such columns, as codes; of all others none."""


def cells(frame: pl.DataFrame, headers: Iterable[str]) -> list[bytes]:
    """A file for each header and canary in it."""
    return [text(put(frame, 3, header, canary)) for header in headers for canary in CANARIES]


def broken(frame: pl.DataFrame) -> list[bytes]:
    """Files that are wrong altogether."""
    whole = text(put(put(frame, 2, "note", WORD), 3, "fnr", FNR))
    return [
        whole[:-4],
        whole.replace(b"\n", b";" + NUMBER.encode() + b"\n", 3),
        whole.decode().replace("tekst", f"bl\u00e5 {WORD}").encode("latin-1"),
        whole + f'"{WORD} {FNR}'.encode(),
        f"{FNR};{WORD}\n{REAL};{NUMBER}\n".encode(),
        f"{WORD}".encode(),
        b"PAR1" + f"{WORD}{FNR}".encode() * 20 + b"PAR1",
        whole.replace(b";", b","),
        text(frame.rename({"weight": WORD, "note": FNR})),
        text(put(put(frame, 1, "fnr", FNR), 1, "note", WORD)).replace(b"\n", b'\n"', 2),
    ]


def said_by(action: Callable[[], object]) -> str:
    """Everything an action says: output, result, and the traceback of what it raises."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            result = action()
            out.write(repr(result))
            if isinstance(result, Report):
                out.write(json.dumps(result.to_json(), ensure_ascii=False))
                out.write(result.render("nb") + result.render("en"))
        except Exception as raised:  # noqa: BLE001 - the words of any failure are looked at
            out.write("".join(traceback.format_exception(raised)))
            out.write(repr(raised) + repr(raised.__dict__))
            out.write(repr(raised.__cause__) + repr(raised.__context__ and ""))
    return out.getvalue()


def silent(said: str) -> bool:
    return not any(canary in said for canary in CANARIES)


def test_the_net_catches_what_it_should() -> None:
    def loud() -> None:
        raise ValueError(FNR)

    assert not silent(said_by(loud))


def test_no_report_message_or_exception_quotes_a_cell(tmp_path: Path) -> None:
    contract, platform, frame = a_contract(), Platform(), clean(40)
    source, pack = tmp_path / "extract", tmp_path / "x.wbpack"
    source.write_bytes(text(frame))
    content = examine(source, contract, "demo").content
    assert content is not None
    previous = profile(content, contract)
    for number, content_bytes in enumerate([*cells(frame, frame.columns), *broken(frame)]):
        source.write_bytes(content_bytes)
        for action in (
            lambda: examine(source, contract, "demo", previous=previous),
            lambda: examine(source, contract, "demo", previous=previous).report,
            lambda: make_pack(source, contract, platform.card, pack),
            lambda: read(source.read_bytes(), contract.file),
            lambda: sniff(source),
        ):
            assert silent(said_by(action)), number


def test_no_draft_or_its_refusal_quotes_a_cell_of_many_values(tmp_path: Path) -> None:
    frame = clean(40)
    headers = [header for header in frame.columns if header not in CATEGORIES]
    source = tmp_path / "extract"
    for number, content in enumerate([*cells(frame, headers), *broken(frame)]):
        source.write_bytes(content)
        folder = tmp_path / f"c{number}"
        draft = partial(draft_contract, source, folder, registry="r", dataset="d")
        # Headers are names: what stands in the first row is told, values below never.
        first = content.split(b"\n")[0].decode("latin-1")
        if WORD not in first:
            assert silent(said_by(draft)), number
            for file in folder.rglob("*.*"):
                assert silent(file.read_text(encoding="utf-8")), number


def test_a_drafted_contract_quotes_no_rare_value(tmp_path: Path) -> None:
    frame = clean(200)
    for header in ("note", "weight", "height"):
        frame = put(frame, 5, header, NUMBER if header != "note" else WORD)
    (tmp_path / "x.csv").write_bytes(text(put(frame, 6, "note", FNR)))
    draft = draft_contract(tmp_path / "x.csv", tmp_path / "c", registry="r", dataset="d")
    for file in (tmp_path / "c").rglob("*"):
        if file.is_file():
            assert silent(file.read_text(encoding="utf-8")), file.name
    assert silent(repr(draft))
    assert silent(repr(guess(frame["note"])))


def test_a_damaged_pack_says_nothing(tmp_path: Path) -> None:
    platform = Platform()
    frame = put(clean(20), 4, "note", WORD)
    (tmp_path / "x.csv").write_bytes(text(frame))
    pack = tmp_path / "x.wbpack"
    make_pack(tmp_path / "x.csv", a_contract(), platform.card, pack)
    whole = pack.read_bytes()
    for place in (5, 40, len(whole) // 2, len(whole) - 3):
        pack.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        for read_part, unseal in (
            (read_identity, platform.as_vault),
            (read_content, platform.as_store),
        ):
            said = said_by(lambda: read_part(pack, unseal))  # noqa: B023 - called at once
            assert silent(said)
            assert frame["fnr"][0] not in said
            assert platform.vault.hex() not in said


def test_the_platforms_own_validators_are_as_silent(tmp_path: Path) -> None:
    contract = a_contract()
    reading = read(text(put(put(clean(30), 3, "note", FNR), 4, "ward", WORD)), contract.file)
    assert reading.frame is not None
    frame = typed(reading.frame, contract).frame
    assert silent(said_by(lambda: validate_content(frame, contract)))
    ids = pl.Series([FNR, REAL, WORD, NUMBER, None])
    said = said_by(lambda: validate_identifiers(ids, contract.person, "demo")[0])
    assert silent(said)


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_texts_have_no_place_for_a_value(lang: str) -> None:
    from string import Formatter

    from pseudonym.contract.texts import TEXTS

    for words in TEXTS.values():
        for part in words:
            fields = {name for _, name, _, _ in Formatter().parse(part) if name is not None}
            assert fields <= {"count", "detail"}, lang
