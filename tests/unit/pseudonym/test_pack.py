"""Packs: two parts for two readers, bound to each other, to one contract and to one instance."""

import json
import os
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pseudonym.pack as module
from pseudonym.card import load_card, read_card
from pseudonym.contract.model import Contract
from pseudonym.errors import Refusal
from pseudonym.pack import RefusedExtract, make_pack, read_content, read_identity, write_pack
from pseudonym.pack_header import MAGIC, encode_header, open_header
from tests.lib.extracts import Platform, a_contract, clean, numbers, put, text


@pytest.fixture
def platform() -> Platform:
    return Platform()


def packed(folder: Path, platform: Platform, frame: pl.DataFrame, name: str = "x") -> Path:
    (folder / f"{name}.csv").write_bytes(text(frame))
    out = folder / f"{name}.wbpack"
    make_pack(folder / f"{name}.csv", a_contract(), platform.card, out)
    return out


def test_what_is_packed_is_read_by_its_two_readers(tmp_path: Path, platform: Platform) -> None:
    frame = clean(50)
    pack = packed(tmp_path, platform, frame)
    header = open_header(pack, platform.card["instance"], "demo")
    identity = read_identity(pack, platform.as_vault)
    content = read_content(pack, platform.as_store)

    assert (header.rows, header.quarantined) == (50, 0)
    assert Contract.from_json(header.contract) == a_contract()
    assert identity.columns == ["_row", "person"]
    assert identity["person"].to_list() == frame["fnr"].to_list()
    assert content.columns == ["_row", *(item.name for item in a_contract().variables)]
    assert content["_row"].to_list() == identity["_row"].to_list() == list(range(1, 51))
    assert content["arrived"].cast(pl.String).to_list() == frame["arrived"].to_list()


def test_neither_reader_opens_the_others_part(tmp_path: Path, platform: Platform) -> None:
    pack = packed(tmp_path, platform, clean(5))
    for read, unseal in ((read_identity, platform.as_store), (read_content, platform.as_vault)):
        with pytest.raises(Refusal) as refused:
            read(pack, unseal)
        assert refused.value.code == "tampered"


def test_the_header_in_the_clear_holds_no_value(tmp_path: Path, platform: Platform) -> None:
    frame = clean(30)
    raw = packed(tmp_path, platform, frame).read_bytes()
    for number in frame["fnr"]:
        assert number.encode() not in raw
    assert b"tekst nummer" not in raw


def test_rows_in_quarantine_stay_with_the_owner(tmp_path: Path, platform: Platform) -> None:
    frame = put(put(clean(40), 7, "Kjønn", "Q"), 9, "fnr", "123")
    pack = packed(tmp_path, platform, frame)
    assert open_header(pack).quarantined == 2
    rows = read_content(pack, platform.as_store)["_row"].to_list()
    assert rows == [row for row in range(1, 41) if row not in (7, 9)]
    assert read_identity(pack, platform.as_vault)["_row"].to_list() == rows


def test_a_file_that_stops_is_refused_and_nothing_is_written(
    tmp_path: Path, platform: Platform
) -> None:
    frame = put(clean(10), 4, "fnr", numbers(1, month=0)[0])
    (tmp_path / "x.csv").write_bytes(text(frame))
    with pytest.raises(RefusedExtract) as refused:
        make_pack(tmp_path / "x.csv", a_contract(), platform.card, tmp_path / "x.wbpack")

    assert refused.value.code == "id_real"
    assert "row 4" in refused.value.reason
    assert refused.value.report.verdict == "stop"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_every_truncation_and_every_changed_byte_is_refused(
    tmp_path: Path, platform: Platform
) -> None:
    pack = packed(tmp_path, platform, clean(3))
    whole = pack.read_bytes()
    bad = tmp_path / "bad.wbpack"
    for length in range(0, len(whole), 41):
        bad.write_bytes(whole[:length])
        with pytest.raises(Refusal) as refused:
            open_header(bad)
        assert refused.value.code in ("truncated", "not_a_pack", "tampered")
    for place in range(0, len(whole), 37):
        changed = bytearray(whole)
        changed[place] ^= 0x20
        bad.write_bytes(changed)
        with pytest.raises(Refusal) as refused:
            open_header(bad)
        assert refused.value.code in ("tampered", "not_a_pack", "truncated")
    bad.write_bytes(whole + b"x")
    with pytest.raises(Refusal) as refused:
        open_header(bad)
    assert refused.value.code == "tampered"


def rewritten(pack: Path, /, **changes: object) -> Path:
    """The pack with its header changed and all checksums made right again."""
    header = open_header(pack)
    blobs = pack.read_bytes()[header.begins :]
    body = {**json.loads(header.model_dump_json()), **changes}
    raw = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    bad = pack.with_name("rewritten.wbpack")
    bad.write_bytes(MAGIC + len(raw).to_bytes(4, "big") + raw + sha256(raw).digest() + blobs)
    return bad


@pytest.mark.parametrize(
    "changes", [{"instance": "f" * 16}, {"quarantined": 9}, {"kind": "test"}, {"pack": "0" * 32}]
)
def test_a_header_rewritten_with_right_checksums_opens_nothing(
    tmp_path: Path, platform: Platform, changes: dict[str, object]
) -> None:
    bad = rewritten(packed(tmp_path, platform, clean(3)), **changes)
    open_header(bad)
    for read, unseal in ((read_identity, platform.as_vault), (read_content, platform.as_store)):
        with pytest.raises(Refusal) as refused:
            read(bad, unseal)
        assert refused.value.code == "tampered"


def test_a_contract_swapped_in_the_header_is_refused(tmp_path: Path, platform: Platform) -> None:
    pack = packed(tmp_path, platform, clean(3))
    other = a_contract(dataset={"version": "1.0.1"})
    with pytest.raises(Refusal) as refused:
        open_header(rewritten(pack, contract=other.to_json()))
    assert refused.value.code == "tampered"
    swapped = rewritten(pack, contract=other.to_json(), contract_hash=other.hash)
    with pytest.raises(Refusal) as refused:
        read_content(swapped, platform.as_store)
    assert refused.value.code == "tampered"


def test_parts_of_two_packs_cannot_be_put_together(tmp_path: Path, platform: Platform) -> None:
    one = packed(tmp_path, platform, clean(5, seed=1), "one")
    two = packed(tmp_path, platform, clean(5, seed=2), "two")
    first, second = open_header(one), open_header(two)
    size = first.chunks[0].size
    mixed = first.model_copy(update={"chunks": (first.chunks[0], second.chunks[1])})
    blob_one = one.read_bytes()[first.begins :][:size]
    blob_two = two.read_bytes()[second.begins :][second.chunks[0].size :]
    bad = tmp_path / "mixed.wbpack"
    bad.write_bytes(encode_header(mixed) + blob_one + blob_two)
    open_header(bad)
    with pytest.raises(Refusal) as refused:
        read_content(bad, platform.as_store)
    assert refused.value.code == "tampered"


def test_a_pack_for_another_instance_or_kind_is_refused(tmp_path: Path, platform: Platform) -> None:
    pack = packed(tmp_path, platform, clean(3))
    for instance, kind in (("f" * 16, "demo"), (platform.card["instance"], "production")):
        with pytest.raises(Refusal) as refused:
            open_header(pack, instance, kind)
        assert refused.value.code == "other_instance"
    with pytest.raises(Refusal) as refused:
        read_identity(pack, Platform().as_vault)
    assert refused.value.code == "tampered"


def test_content_that_is_not_as_the_contract_says_is_refused(
    tmp_path: Path, platform: Platform
) -> None:
    """A packer of someone else's making may seal anything; the reader's schema is closed."""
    contract = a_contract()
    good = clean(3)
    (tmp_path / "x.csv").write_bytes(text(good))
    pack = packed(tmp_path, platform, good)
    identity = read_identity(pack, platform.as_vault)
    content = read_content(pack, platform.as_store)
    card = read_card(platform.card)
    for odd in (
        content.with_columns(fnr=identity["person"]),
        content.drop("note"),
        content.with_columns(pl.col("height").cast(pl.Int32)),
        content.with_columns(_row=pl.lit(1, dtype=pl.UInt32)),
    ):
        write_pack(tmp_path / "odd.wbpack", contract, card, identity, odd)
        with pytest.raises(Refusal) as refused:
            read_content(tmp_path / "odd.wbpack", platform.as_store)
        assert refused.value.code == "tampered"


def test_large_extracts_travel_in_several_chunks(
    tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_PER_CHUNK", 7)
    steps: list[float] = []
    frame = clean(30)
    (tmp_path / "x.csv").write_bytes(text(frame))
    pack = tmp_path / "x.wbpack"
    make_pack(
        tmp_path / "x.csv", a_contract(), platform.card, pack, lambda _, done: steps.append(done)
    )
    assert len(open_header(pack).chunks) == 10
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    assert read_identity(pack, platform.as_vault)["person"].to_list() == frame["fnr"].to_list()
    assert read_content(pack, platform.as_store).height == 30


def test_rows_without_an_identifier_column_travel_as_persons_of_their_own(
    tmp_path: Path, platform: Platform
) -> None:
    contract = a_contract(
        identifier=[{"name": "person", "idType": ["NONE"]}], dataset={"primaryKey": []}
    )
    (tmp_path / "x.csv").write_bytes(text(clean(6).drop("fnr")))
    make_pack(tmp_path / "x.csv", contract, platform.card, tmp_path / "x.wbpack")
    identity = read_identity(tmp_path / "x.wbpack", platform.as_vault)
    assert identity.columns == ["_row"]
    assert identity.height == 6


@settings(
    derandomize=True,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_pack_and_read_give_back_any_clean_extract(
    tmp_path: Path, platform: Platform, rows: int, seed: int
) -> None:
    frame = clean(rows, seed=seed)
    pack = packed(tmp_path, platform, frame)
    assert read_identity(pack, platform.as_vault)["person"].to_list() == frame["fnr"].to_list()
    content = read_content(pack, platform.as_store)
    assert content["height"].cast(pl.String).to_list() == frame["height"].to_list()
    assert content["note"].to_list() == frame["note"].to_list()


@pytest.mark.parametrize(
    "change",
    [{"vault": "00"}, {"vault": "00" * 32}, {"instance": "x"}, {"more": 1}, {"kind": "other"}],
)
def test_a_bad_card_is_refused(
    tmp_path: Path, platform: Platform, change: dict[str, object]
) -> None:
    (tmp_path / "x.csv").write_bytes(text(clean(3)))
    with pytest.raises(Refusal) as refused:
        make_pack(
            tmp_path / "x.csv", a_contract(), {**platform.card, **change}, tmp_path / "x.wbpack"
        )
    assert refused.value.code in ("bad_card", "bad_key")
    assert not (tmp_path / "x.wbpack").exists()


def test_a_card_file_that_is_missing_or_damaged_is_refused(tmp_path: Path) -> None:
    for content, code in ((None, "no_card"), (b"{", "bad_card"), (b"[]", "bad_card")):
        if content is not None:
            (tmp_path / "card.json").write_bytes(content)
        with pytest.raises(Refusal) as refused:
            load_card(tmp_path / "card.json")
        assert refused.value.code == code


def test_a_full_disk_leaves_no_half_pack(tmp_path: Path, platform: Platform) -> None:
    (tmp_path / "x.csv").write_bytes(text(clean(3)))

    def no_room(handle: int) -> None:
        raise OSError(28, os.strerror(28))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pseudonym.durable.os.fsync", no_room)
        with pytest.raises(Refusal) as refused:
            make_pack(tmp_path / "x.csv", a_contract(), platform.card, tmp_path / "x.wbpack")
    assert refused.value.code == "disk_full"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]
