"""Links: from a row's person to another, inside one view, where the permit opens the way."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import polars as pl
import pytest

from pseudonym.contract.model import Contract
from pseudonym.errors import Refusal
from pseudonym.store.parquet import file_keys, scan
from pseudonym.store.semver import Level, needed
from pseudonym.synthetic import make_twin
from pseudonym.view import View
from tests.integration.registry.conftest import opened, permit
from tests.lib.registry_world import World, content, contract, people
from workbench.engine.compute import compute
from workbench.engine.executor import Job
from workbench.engine.local import LocalExecutor
from workbench.plan import Plan, Schema, check, nodes
from workbench.sdk.datasets import scan as dataset_scan

FAMILIES = 120
EVERYBODY = people(2 * FAMILIES + 20, seed=31)
CHILDREN, MOTHERS = EVERYBODY[:FAMILIES], EVERYBODY[FAMILIES : 2 * FAMILIES]
UNSEEN = EVERYBODY[2 * FAMILIES :]
MOTHER = {
    "name": "mother",
    "column": "mother_fnr",
    "idType": ["FNR", "DNR"],
    "onMissing": "allow",
    "link": {"nb": "Mor", "en": "Mother"},
}
CHILD = {"name": "patient", "column": "fnr", "idType": ["FNR", "DNR"]}


def births(**changes: object) -> Contract:
    """One row a child; ages number the families, so that a test knows who belongs to whom."""
    identifier = changes.pop("identifier", [CHILD, MOTHER])
    return contract("birth", "reg_birth", temporality="FIXED", identifier=identifier, **changes)


def numbered(who: pl.Series) -> pl.DataFrame:
    """A row a person whose `age` is the number of the family."""
    return content(who, len(who), seed=8).with_columns(
        patient=who, age=pl.int_range(len(who), dtype=pl.Int64)
    )


@pytest.fixture(scope="module")
def family(here: World) -> Iterator[World]:
    """Children with mothers: the last ten mothers have no row of their own, five are not named.

    Views are in eight buckets, so that children and mothers lie apart.
    """
    named = MOTHERS.to_list()
    named[-10:] = UNSEEN[:10].to_list()
    named[:5] = [None] * 5
    here.publish(births(), numbered(CHILDREN).with_columns(mother=pl.Series(named)))
    here.publish(contract("woman", "reg_woman", temporality="FIXED"), numbered(MOTHERS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pseudonym.views.bucket_count", lambda _: 8)
        yield here


def view_of(family: World, project: str, **datasets: list[str]) -> View:
    return opened(family, family.client.build_view(permit(project, **datasets)))


def everybody(view: View, dataset: str) -> pl.DataFrame:
    """All rows, `_person` counted through all buckets."""
    parts, before = [], 0
    for bucket, size in enumerate(view.persons):
        rows = view.scan(dataset, bucket).collect()
        parts.append(rows.with_columns(pl.col("_person") + before))
        before += size
    return pl.concat(parts)


def test_a_link_leads_to_the_rows_of_the_person_it_names(family: World) -> None:
    view = view_of(family, "families", birth=["age", "mother"], woman=["age"])
    children, women = everybody(view, "birth"), everybody(view, "woman")

    assert len(view.persons) == 8
    pairs = children.join(women, left_on="_link_mother", right_on="_person", suffix="_hers")

    assert pairs.height == FAMILIES - 15
    assert pairs["age"].equals(pairs["age_hers"].rename("age"))
    assert not pairs["_person"].equals(pairs["_link_mother"].rename("_person"))


def test_a_link_to_nobody_or_to_somebody_outside_the_view_is_empty(family: World) -> None:
    view = view_of(family, "families", birth=["age", "mother"], woman=["age"])
    empty = everybody(view, "birth").filter(pl.col("_link_mother").is_null())["age"]

    assert sorted(empty.to_list()) == [*range(5), *range(FAMILIES - 10, FAMILIES)]
    assert everybody(view, "birth").schema["_link_mother"] == pl.UInt32


def test_in_a_view_without_the_mothers_every_link_is_empty(family: World) -> None:
    view = view_of(family, "children-only", birth=["age", "mother"])

    assert everybody(view, "birth")["_link_mother"].null_count() == FAMILIES


def test_without_the_permit_there_is_no_link_and_no_key_to_one(family: World) -> None:
    view = view_of(family, "no-link", birth=["age"], woman=["age"])
    file = view._manifest.datasets["birth"].files[0]

    assert "_link_mother" not in everybody(view, "birth").columns
    assert view.describe()["datasets"]["birth"]["links"] == {}
    assert all(
        "_link_mother" not in part["column_keys"]
        for part in view.sealed_keys({"birth": ["age", "mother"]})["datasets"]["birth"]
    )
    with pytest.raises((Refusal, pl.exceptions.PolarsError)):
        scan(
            view.path / file.name,
            file_keys(view._keys[file.name], ["_link_mother"]),
            view._prefix(file),
        ).collect()


def test_a_view_says_which_links_it_has_in_both_languages(family: World) -> None:
    view = view_of(family, "families", birth=["age", "mother"], woman=["age"])

    assert view.describe()["datasets"]["birth"]["links"] == {
        "mother": {"label": {"nb": "Mor", "en": "Mother"}, "unit": "PERSON"}
    }
    assert "mother" not in view.describe()["datasets"]["birth"]["columns"]
    assert view.datasets["birth"].links == ("mother",)


def test_a_sealed_run_has_the_keys_of_the_links_that_its_permit_still_opens(family: World) -> None:
    view = view_of(family, "families", birth=["age", "mother"], woman=["age"])

    for permitted, held in ((["age", "mother"], True), (["age"], False)):
        for part in view.sealed_keys({"birth": permitted})["datasets"]["birth"]:
            assert ("_link_mother" in part["column_keys"]) is held


def test_code_in_a_sealed_run_joins_children_with_their_mothers(
    family: World, tmp_path: Path
) -> None:
    permitted = {"birth": ["age", "mother"], "woman": ["age"]}
    view = view_of(family, "families", **permitted)
    keys = tmp_path / "view-keys.json"
    keys.write_text(json.dumps(view.sealed_keys(permitted)))
    children, women = (dataset_scan(name, data=view.path, keys=keys) for name in permitted)

    pairs = children.join(
        women, left_on="_link_mother", right_on="_person", suffix="_hers"
    ).collect()

    assert children.collect_schema().names() == ["_person", "_link_mother", "age"]
    assert pairs.height == FAMILIES - 15
    assert pairs["age"].equals(pairs["age_hers"].rename("age"))


def test_the_twin_is_read_by_the_same_code(family: World, tmp_path: Path) -> None:
    view = view_of(family, "families", birth=["age", "mother"], woman=["age"])
    children, women = (
        dataset_scan(name, twin=view.path / "twin", keys=tmp_path / "none")
        for name in ("birth", "woman")
    )

    pairs = children.join(women, left_on="_link_mother", right_on="_person").collect()

    assert children.collect_schema().names() == ["_person", "_link_mother", "age"]
    assert pairs.height > 0.9 * children.collect().height


def test_two_views_number_the_linked_persons_differently(family: World) -> None:
    asked = {"birth": ["age", "mother"], "woman": ["age"]}
    one, other = (view_of(family, name, **asked) for name in ("families", "others"))
    numbers = [
        everybody(view, "birth").sort("age")["_link_mother"].drop_nulls().to_list()
        for view in (one, other)
    ]

    assert len(numbers[0]) == len(numbers[1])
    assert numbers[0] != numbers[1]


def test_the_report_counts_the_links_and_withholds_small_counts(family: World) -> None:
    view = view_of(family, "families", birth=["age", "mother"], woman=["age"])

    assert view.report["links"] == {"birth": {"mother": FAMILIES - 15}}


def test_rows_that_name_no_mother_are_in_order_when_the_contract_says_so(here: World) -> None:
    rows = numbered(CHILDREN).with_columns(mother=pl.Series([None] * FAMILIES, dtype=pl.String))
    strict = births(identifier=[CHILD, MOTHER | {"onMissing": "quarantine"}])
    told = [
        here.load(
            Contract.from_json(
                one.to_json() | {"dataset": one.to_json()["dataset"] | {"id": name}}
            ),
            rows,
        )
        for name, one in (("lax", births()), ("strict", strict))
    ]

    assert [one["report"]["verdict"] for one in told] == ["pass", "stop"]
    assert {found["rule"] for found in told[1]["report"]["findings"]} >= {"id_missing"}


def test_the_twin_ties_people_and_leaves_a_few_out() -> None:
    twin = make_twin(
        {"birth": births()}, {"birth": ["age"]}, "seed", persons=400, links={"birth": ["mother"]}
    )["birth"]

    assert twin.columns == ["_person", "_sequence", "_link_mother", "age"]
    assert twin.schema["_link_mother"] == pl.UInt32
    assert 0 < twin["_link_mother"].null_count() < 40
    assert twin["_link_mother"].max() < 400  # type: ignore[operator]  # a number
    assert (twin["_link_mother"] != twin["_person"]).all()


@pytest.mark.parametrize(
    "identifiers",
    [
        [CHILD | {"link": {"en": "Self"}}],
        [CHILD | {"onMissing": "allow"}],
        [CHILD, MOTHER | {"unitType": "PRESCRIBER"}],
        [CHILD, {"name": "mother", "idType": ["NONE"], "link": {"en": "Mother"}}],
    ],
)
def test_a_contract_cannot_declare_a_link_that_leads_nowhere(identifiers: list[object]) -> None:
    with pytest.raises(Refusal) as refused:
        births(identifier=identifiers)

    assert refused.value.code == "bad_contract"


def test_a_link_that_comes_is_a_minor_change_and_one_that_goes_a_major_one() -> None:
    plain = births(identifier=[CHILD, {key: MOTHER[key] for key in MOTHER if key != "link"}])

    assert needed(plain, births()) is Level.MINOR
    assert needed(births(), plain) is Level.MAJOR


def test_a_plan_finds_every_childs_mother_over_encrypted_buckets(family: World) -> None:
    view = view_of(family, "families", birth=["age", "mother"], woman=["age"])
    schema = Schema.from_view(view.describe())
    birth, woman = nodes.Dataset(name="birth"), nodes.Dataset(name="woman")
    age = nodes.Column(name="age")
    hers = nodes.Take(which="first", frame=woman, value=age)
    linked = nodes.Derive(
        frame=nodes.Linked(frame=birth, link="mother", keep=("age",)),
        columns=(nodes.Derived(name="hers", value=hers),),
    )
    back = nodes.Back(frame=linked, keep=("age", "hers"))
    same = nodes.Compare(op="==", left=age, right=nodes.Column(name="hers"))
    executor = LocalExecutor()
    found = {}
    for name, cohort in (("all", back), ("same", nodes.Filter(frame=back, where=same))):
        checked = check(Plan(analysis=nodes.Count(cohort=cohort)), schema)
        job = Job(checked, view, schema, Event(), lambda *_: None)
        found[name] = compute(executor, job).placed.population
    executor.close()

    assert found == {"all": FAMILIES - 15, "same": FAMILIES - 15}
