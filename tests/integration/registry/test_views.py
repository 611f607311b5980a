"""A project's view: whole persons, permitted columns, pseudonyms that align with no other's."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pseudonym import rebucket, views
from pseudonym.errors import Refusal
from pseudonym.keys import open_zone_keyring
from pseudonym.project_keys import shred
from pseudonym.store import buckets, parquet
from pseudonym.view import View, open_view
from tests.integration.registry.conftest import opened, permit
from tests.lib.registry_world import World, content, contract, people

ALL = ["day", "ward", "age", "value", "smoker", "note"]
IDS = people(300)


def built(world: World, project: str, **datasets: list[str]) -> View:
    return opened(world, world.client.build_view(permit(project, **datasets)))


def rows(view: View, dataset: str) -> pl.DataFrame:
    """All rows of a dataset with the pseudonym of their person, in the view's own order."""
    parts = []
    for bucket in range(len(view.persons)):
        names = view.pseudonyms(bucket)
        frame = view.scan(dataset, bucket).collect()
        parts.append(frame.with_columns(pseudonym=names[frame["_person"]]))
    return pl.concat(parts)


def test_every_row_is_there_with_its_person(registries: World) -> None:
    view = built(registries, "whole", visit=ALL, person=["note"])
    joined = rows(view, "visit").join(
        rows(view, "person").select("pseudonym", mark="note"), on="pseudonym"
    )
    source = content(IDS[:250], 6000)
    marks = content(IDS, 300, seed=5).with_columns(patient=IDS).select("patient", mark="note")
    expected = source.join(marks, on="patient")

    assert sum(view.persons) == 300
    columns = [*ALL, "mark"]
    assert joined.select(columns).sort(columns).equals(expected.select(columns).sort(columns))


def test_only_permitted_columns_exist(registries: World) -> None:
    view = built(registries, "narrow", visit=["ward", "day"])
    file = next(view.path.glob("visit/*.parquet"))

    assert view.scan("visit", 0).collect_schema().names() == ["_person", "_sequence", "day", "ward"]
    assert [column.name for column in view.datasets["visit"].columns] == ["day", "ward"]
    assert set(view.describe()["datasets"]["visit"]["columns"]) == {"day", "ward"}
    part = view.sealed_keys({"visit": ["day"]})["datasets"]["visit"][0]
    decryption = pl.ParquetDecryptionProperties(
        footer_key=bytes.fromhex(part["footer_key"]), aad_prefix=part["aad_prefix"].encode()
    )
    # The footer names every column of the file, whether there is a key for it or not.
    names = pl.scan_parquet(file, decryption=decryption).collect_schema().names()
    assert names == ["_person", "_sequence", "day", "ward"]


def test_sealed_keys_and_polars_alone_read_the_view(registries: World) -> None:
    view = built(registries, "sealed", visit=["ward", "age"], person=["age"])
    permitted = {"visit": ["ward", "age"], "person": ["age"]}
    keys = json.loads(json.dumps(view.sealed_keys(permitted)))

    for dataset, parts in keys["datasets"].items():
        for bucket, part in enumerate(parts):
            decryption = pl.ParquetDecryptionProperties(
                footer_key=bytes.fromhex(part["footer_key"]),
                column_keys={name: bytes.fromhex(key) for name, key in part["column_keys"].items()},
                aad_prefix=part["aad_prefix"].encode(),
            )
            place = view.path / part["file"]
            frame = pl.scan_parquet(place, decryption=decryption, glob=False).collect()
            assert frame.equals(view.scan(dataset, bucket).collect())
            assert len(frame) == part["rows"]
    assert "_persons" not in json.dumps(keys)


def test_no_key_is_made_of_what_the_permit_does_not_open_any_more(registries: World) -> None:
    """A permit is amended before its view is built anew: the view of before holds too much."""
    view = built(registries, "amended", visit=["ward", "age"], person=["age"])
    keys = view.sealed_keys({"visit": ["age", "day"]})

    assert set(keys["datasets"]) == {"visit"}
    part = keys["datasets"]["visit"][0]
    assert set(part["column_keys"]) == {"_person", "_sequence", "age"}
    decryption = pl.ParquetDecryptionProperties(
        footer_key=bytes.fromhex(part["footer_key"]),
        column_keys={name: bytes.fromhex(key) for name, key in part["column_keys"].items()},
        aad_prefix=part["aad_prefix"].encode(),
    )
    frame = pl.scan_parquet(view.path / part["file"], decryption=decryption, glob=False)
    assert frame.select("age").collect().height == part["rows"]
    with pytest.raises(pl.exceptions.PolarsError, match="key"):
        frame.select("ward").collect()


@pytest.mark.parametrize("change", ["footer_key", "column_key", "aad_prefix", "no_column_key"])
def test_anything_but_the_right_keys_reads_nothing(registries: World, change: str) -> None:
    view = built(registries, "locked", visit=["ward", "age"])
    part = view.sealed_keys({"visit": ["ward", "age"]})["datasets"]["visit"][0]
    footer, columns = bytes.fromhex(part["footer_key"]), dict(part["column_keys"])
    prefix = part["aad_prefix"]
    if change == "footer_key":
        footer = bytes(32)
    elif change == "column_key":
        columns["age"] = "00" * 32
    elif change == "no_column_key":
        del columns["age"]
    else:
        prefix = prefix.replace("=00", "=01")
    decryption = pl.ParquetDecryptionProperties(
        footer_key=footer,
        column_keys={name: bytes.fromhex(key) for name, key in columns.items()},
        aad_prefix=prefix.encode(),
    )

    with pytest.raises(pl.exceptions.PolarsError):
        pl.scan_parquet(view.path / part["file"], decryption=decryption).select("age").collect()


def test_an_unchanged_permit_finds_its_view_again(registries: World) -> None:
    first = built(registries, "again", visit=["age"])
    before = {path: path.stat().st_ino for path in first.path.rglob("*")}
    second = built(registries, "again", visit=["age"])

    assert second.version == first.version
    assert {path: path.stat().st_ino for path in second.path.rglob("*")} == before


def test_pseudonyms_survive_an_amendment(registries: World) -> None:
    first = built(registries, "amended", visit=["note"])
    second = built(registries, "amended", visit=["note", "age"], person=["age"])
    known = rows(first, "visit").select("note", "pseudonym").sort("note", "pseudonym")

    assert second.version != first.version
    assert rows(second, "visit").select("note", "pseudonym").sort("note", "pseudonym").equals(known)


def test_a_shredded_key_gives_new_pseudonyms(registries: World) -> None:
    first = built(registries, "shredded", visit=["note"])
    assert shred(registries.root / "store", "shredded")
    second = built(registries, "shredded", visit=["note"])

    assert not set(rows(first, "visit")["pseudonym"]) & set(rows(second, "visit")["pseudonym"])
    assert not shred(registries.root / "store", "never-built")


def test_all_datasets_have_the_buckets_of_the_largest(
    registries: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebucket, "ROWS_PER_BUCKET", 1000)
    view = built(registries, "buckets", visit=ALL, person=["note"])
    plain = built(registries, "plain", visit=ALL, person=["note"])

    assert len(view.persons) == 8
    assert len(plain.persons) == 8
    assert sum(view.persons) == 300
    assert [len(list(view.path.glob(f"{name}/*"))) for name in ("visit", "person")] == [8, 8]
    every = pl.concat([view.pseudonyms(bucket) for bucket in range(8)])
    assert every.is_sorted()
    assert every.n_unique() == 300
    assert (
        rows(view, "visit")
        .select(ALL)
        .sort(ALL)
        .equals(content(IDS[:250], 6000).select(ALL).sort(ALL))
    )


def test_no_more_than_a_bucket_is_in_memory_at_once(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebucket, "ROWS_PER_BUCKET", 100)
    many = people(2000, seed=77)
    here.publish(contract("large", "reg_large"), content(many, 8000))
    seen: list[int] = []

    def watched(whole: Callable[..., pl.DataFrame]) -> Callable[..., pl.DataFrame]:
        def call(*arguments: object) -> pl.DataFrame:
            frame = whole(*arguments)
            seen.append(len(frame))
            return frame

        return call

    for module in (buckets, rebucket):
        monkeypatch.setattr(module, "collect", watched(parquet.collect))
    monkeypatch.setattr(views, "arrange", watched(rebucket.arrange))
    view = built(here, "bounded", large=["age"])

    assert len(view.persons) == 16
    assert sum(seen) >= 3 * 8000  # store bucket, part, view bucket
    assert max(seen) < 1000


@pytest.mark.parametrize(("order", "code"), [
    (permit("bad", visit=["age", "unheard_of"]), "unknown_variable"),
    (permit("bad", visit=["patient"]), "unknown_variable"),
    (permit("bad", unheard_of=["age"]), "not_published"),
    ({"project": "bad", "datasets": permit("x", visit=["age"])["datasets"] * 2}, "dataset_twice"),
])  # fmt: skip
def test_a_permit_for_what_is_not_there_leaves_nothing(
    registries: World, order: dict, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        registries.client.build_view(order)
    assert caught.value.code == code
    assert not (registries.root / "views" / "bad").exists()


@pytest.mark.parametrize("damage", ["flip", "swap", "missing", "manifest", "other"])
def test_a_changed_view_does_not_open(registries: World, damage: str) -> None:
    view = built(registries, f"changed-{damage}", visit=["age"], person=["age"])
    manifest, bucket = view.path / "manifest.json", view.path / "visit" / "bucket=00.parquet"
    engine = open_zone_keyring(registries.root / "engine", {})
    if damage == "flip":
        bucket.write_bytes(bucket.read_bytes()[:-9] + b"x" + bucket.read_bytes()[-8:])
    elif damage == "swap":
        bucket.write_bytes((view.path / "person" / "bucket=00.parquet").read_bytes())
    elif damage == "missing":
        bucket.unlink()
    elif damage == "manifest":
        manifest.write_bytes(manifest.read_bytes().replace(b'"rows":6000', b'"rows":6001'))
    else:
        other = built(registries, "another", visit=["age"], person=["age"])
        manifest.write_bytes((other.path / "manifest.json").read_bytes())

    with pytest.raises((Refusal, pl.exceptions.PolarsError)):
        open_view(view.path, engine.unseal).scan("visit", 0).collect()


def test_the_engine_alone_opens_the_keys(registries: World) -> None:
    view = built(registries, "mine", visit=["age"])
    store = open_zone_keyring(registries.root / "store", {})

    with pytest.raises(Refusal) as caught:
        open_view(view.path, store.unseal)
    assert caught.value.code == "tampered"


def test_the_twin_has_the_views_shape_and_none_of_its_rows(registries: World) -> None:
    view = built(registries, "twinned", visit=ALL, person=["age"])
    twin = view.path / "twin"
    visits = pl.read_parquet(twin / "visit.parquet")

    assert json.loads((twin / "view.json").read_text()) == view.describe()
    assert visits.schema == view.scan("visit", 0).collect_schema()
    assert not set(visits["note"].drop_nulls()) & set(rows(view, "visit")["note"])
    people_of = set(pl.read_parquet(twin / "person.parquet")["_person"])
    shared = set(visits["_person"]) & people_of
    assert 0 < len(set(visits["_person"]) - shared) < 50 < len(shared)
    shared = visits.drop_nulls().join(
        rows(view, "visit"), on=["day", "ward", "age", "value"], how="inner"
    )
    assert len(shared) == 0


def test_views_do_not_say_when_or_by_whom_they_were_made(registries: World) -> None:
    view = built(registries, "timeless", visit=["age"])

    assert {path.stat().st_mtime for path in view.path.rglob("*") if path.is_file()} == {0.0}
    said = json.loads((view.path / "manifest.json").read_text())["body"]
    assert set(said) == {
        "v", "project", "version", "persons", "person_files", "datasets", "keys", "report",
    }  # fmt: skip


def test_the_report_of_small_overlaps_is_for_owners_only(here: World) -> None:
    made = contract("few", "reg_few", temporality="FIXED")
    outside = people(60, seed=31)
    who = pl.concat([IDS[:3], outside[:57]])
    here.publish(made, content(who, 60).with_columns(patient=who))
    report = here.client.build_view(permit("few", few=["age"], visit=["age"]))["report"]
    files = list(Path(here.root / "store" / "linkage").glob("few-*.json"))

    assert report["overlap"]["few"]["visit"] is None
    assert json.loads(files[0].read_text())["overlap"]["few"]["visit"] == 3
    assert files[0].stat().st_mode & 0o077 == 0


def test_two_projects_cannot_be_aligned(registries: World) -> None:
    one = rows(built(registries, "first", visit=["note", "age"]), "visit")
    two = rows(built(registries, "second", visit=["note", "age"]), "visit")
    ours = one.with_row_index("here").unique("note", keep="none")
    theirs = two.with_row_index("there").unique("note", keep="none")
    matched = ours.join(theirs, on="note")
    source = content(IDS[:250], 6000).with_row_index("source").unique("note", keep="none")
    traced = ours.join(source, on="note")

    assert len(matched) > 5000
    # Rows come in 250 clusters, the persons: chance alone gives ± 0.06 between two orders of them.
    assert abs(np.corrcoef(matched["here"], matched["there"])[0, 1]) < 0.3
    assert abs(np.corrcoef(traced["here"], traced["source"])[0, 1]) < 0.07
    assert not set(one["pseudonym"]) & set(two["pseudonym"])
    # Persons in the order of their pseudonym: chance alone matches one in 250.
    people_of = matched.select("_person", "_person_right").unique()
    assert len(people_of) == 250
    assert people_of.select(pl.col("_person") == pl.col("_person_right"))["_person"].sum() < 12
    sizes = [
        next((registries.root / "views" / name).glob("*/visit/*.parquet")).stat().st_size
        for name in ("first", "second")
    ]
    assert abs(sizes[0] - sizes[1]) < 0.02 * sizes[0]
