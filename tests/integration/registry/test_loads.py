"""A load: staged whole, or refused with nothing kept."""

import json

import numpy as np
import polars as pl
import pytest

from pseudonym.card import load_card
from pseudonym.errors import Refusal
from pseudonym.identifiers import control_digits
from pseudonym.pack import write_pack
from tests.integration.registry.conftest import opened, permit
from tests.lib.registry_world import World, content, contract, people

IDS = people(200)
MADE_UP = "12345678901"


def staged(world: World, dataset: str) -> list[str]:
    return sorted(
        path.parent.name for path in world.root.glob(f"store/*/*/{dataset}/*/manifest.json")
    )


def persons_in(world: World, dataset: str, project: str) -> int:
    world.client.publish(dataset, "1.0.0")
    built = world.client.build_view(permit(project, **{dataset: ["age"]}))
    return sum(opened(world, built).persons)


def with_ids(rows: pl.DataFrame, ids: list[str | None]) -> pl.DataFrame:
    return rows.with_columns(patient=pl.Series([*ids, *rows["patient"][len(ids) :]]))


def test_a_good_pack_is_staged_and_not_yet_published(here: World) -> None:
    loaded = here.load(contract("good"), content(IDS, 500))

    assert (loaded["state"], loaded["registry"], loaded["version"]) == (
        "staged",
        "reg_visit",
        "1.0.0",
    )
    assert loaded["report"]["rows"] == 500
    assert loaded["report"]["needed"] == "FIRST"
    with pytest.raises(Refusal) as caught:
        here.client.build_view(permit("early", good=["age"]))
    assert caught.value.code == "not_published"


def test_bad_rows_are_left_out_by_row_number_and_rule(here: World) -> None:
    rows = with_ids(content(IDS, 500), [None, MADE_UP])
    loaded = here.load(contract("quarantined"), rows)

    findings = {found["rule"]: found["rows"] for found in loaded["report"]["findings"]}
    assert loaded["state"] == "staged"
    assert loaded["report"]["quarantined"] == 2
    assert findings["id_missing"] == [1]
    assert 2 in [
        row for rule, numbers in findings.items() if rule != "id_missing" for row in numbers
    ]


def test_a_load_that_must_stop_stages_nothing_and_reports(here: World) -> None:
    bad = content(IDS, 500).with_columns(ward=pl.lit("unheard-of"))
    loaded = here.load(contract("stopped"), bad)

    assert loaded["state"] == "refused"
    assert loaded["report"]["verdict"] == "stop"
    assert staged(here, "stopped") == []
    assert here.load(contract("stopped"), content(IDS, 500))["state"] == "staged"


def test_a_real_identifier_stops_the_load_of_a_test_instance(here: World) -> None:
    before = (here.root / "vault" / "persons" / "index.json").read_bytes()
    numbers, exist = control_digits(np.arange(10_170_123, 10_170_133))  # born 01.01.70
    real = f"{numbers[exist][0]:011d}"
    loaded = here.load(contract("real"), with_ids(content(IDS, 500), [real]))

    assert loaded["state"] == "refused"
    assert [found["rule"] for found in loaded["report"]["findings"]] == ["id_real"]
    assert (here.root / "vault" / "persons" / "index.json").read_bytes() == before


def test_ids_that_cannot_be_used_never_link(here: World) -> None:
    keep = {"name": "patient", "column": "fnr", "idType": ["FNR"], "onInvalid": "keep_unlinked"}
    rows = with_ids(content(IDS[:1], 10), [MADE_UP] * 4)
    loaded = here.load(contract("unlinked", identifier=[keep]), rows)

    assert loaded["state"] == "staged"
    assert persons_in(here, "unlinked", "unlinked") == 1 + 4


def test_rows_without_identifiers_are_persons_of_their_own(here: World) -> None:
    alone = contract("alone", identifier=[{"name": "patient", "idType": "NONE"}])
    here.load(alone, content(IDS, 50))

    assert persons_in(here, "alone", "alone") == 50


def test_local_ids_link_inside_their_namespace_only(here: World) -> None:
    rows = content(pl.Series([f"P{number}" for number in range(30)]), 400)

    def local(registry: str, **more: str) -> object:
        identifier = {"name": "patient", "column": "id", "idType": "LOCAL", **more}
        return contract(f"local_{registry}", registry, identifier=[identifier])

    for made in (local("clinic_a"), local("clinic_b"), local("clinic_c", namespace="clinic_a")):
        here.publish(made, rows)
    names = ["local_clinic_a", "local_clinic_b", "local_clinic_c"]
    built = here.client.build_view(permit("local", **{name: ["age"] for name in names}))

    overlap = built["report"]["overlap"]["local_clinic_a"]
    assert overlap == {"local_clinic_b": 0, "local_clinic_c": 30}


def test_a_version_is_loaded_once(here: World) -> None:
    here.load(contract("once"), content(IDS, 300))
    before = {path: path.read_bytes() for path in here.root.glob("store/registries/*/once/*/*")}

    with pytest.raises(Refusal) as caught:
        here.load(contract("once"), content(IDS, 300, seed=9))
    assert caught.value.code == "version_exists"
    assert "1.0.1" in caught.value.remedy
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(("version", "code", "proposal"), [
    ("0.9.0", "version_too_small", "1.1.0"),
    ("1.0.1", "version_too_small", "1.1.0"),
    ("1.1.0", None, None),
])  # fmt: skip
def test_the_version_must_grow_as_the_contract_changed(
    here: World, version: str, code: str | None, proposal: str | None
) -> None:
    name = f"grown_{version.replace('.', '_')}"
    raw = contract(name).to_json()
    here.load(contract(name), content(IDS, 300))
    raw["dataset"]["version"] = version
    raw["variable"].append({"name": "bmi", "label": {"en": "BMI"}, "dataType": "DOUBLE"})
    wider = type(contract()).from_json(raw)
    rows = content(IDS, 300).with_columns(bmi=pl.lit(22.5))

    if code is None:
        assert here.load(wider, rows)["report"]["needed"] == "MINOR"
    else:
        with pytest.raises(Refusal) as caught:
            here.load(wider, rows)
        assert caught.value.code == code
        assert str(proposal) in caught.value.remedy


def test_the_next_version_is_compared_with_the_published_one(here: World) -> None:
    here.publish(contract("compared"), content(IDS, 600))
    fewer = here.load(contract("compared", version="1.0.1"), content(IDS, 100))

    assert fewer["state"] == "refused"
    assert "row_count_change" in [found["rule"] for found in fewer["report"]["findings"]]


def test_another_registry_cannot_take_a_datasets_name(here: World) -> None:
    here.load(contract("named"), content(IDS, 300))

    with pytest.raises(Refusal) as caught:
        here.load(contract("named", "reg_other", version="2.0.0"), content(IDS, 300))
    assert caught.value.code == "dataset_taken"


def test_parts_about_different_rows_are_refused(here: World) -> None:
    made = contract("differing")
    rows = content(IDS, 20).with_row_index("_row", 1).with_columns(pl.col("_row").cast(pl.UInt32))
    shifted = rows.with_columns(pl.col("_row") + 5)
    out = here.root / "inbox" / "differing.wbpack"
    card = load_card(here.root / "card.json")
    names = [item.name for item in made.variables]
    write_pack(out, made, card, shifted.select("_row", "patient"), rows.select("_row", *names))

    with pytest.raises(Refusal) as caught:
        here.client.load(out)
    assert caught.value.code == "parts_differ"


@pytest.mark.parametrize(("damage", "code"), [
    (lambda whole: whole[:-100], "truncated"),
    (lambda whole: whole[:-50] + bytes([whole[-50] ^ 1]) + whole[-49:], "tampered"),
    (lambda whole: b"PK\x03\x04" + whole, "not_a_pack"),
    (lambda whole: b"", "not_a_pack"),
])  # fmt: skip
def test_a_damaged_pack_is_refused(here: World, damage: object, code: str) -> None:
    pack = here.pack(contract("damaged"), content(IDS, 20), "damaged.wbpack")
    pack.write_bytes(damage(pack.read_bytes()))  # type: ignore[operator]  # a lambda of the table above

    with pytest.raises(Refusal) as caught:
        here.client.load(pack)
    assert caught.value.code == code
    assert staged(here, "damaged") == []


@pytest.mark.parametrize("other", [{"instance": "f" * 16}, {"kind": "production"}])
def test_a_pack_for_another_instance_is_refused(here: World, other: dict[str, str]) -> None:
    place = here.root / "card.json"
    ours = place.read_text()
    place.write_text(json.dumps(json.loads(ours) | other))
    pack = here.pack(contract("stray"), content(IDS, 20), "stray.wbpack")
    place.write_text(ours)

    with pytest.raises(Refusal) as caught:
        here.client.load(pack)
    assert caught.value.code == "other_instance"
    assert caught.value.remedy
    assert staged(here, "stray") == []


def test_a_pack_that_is_not_there_is_refused(here: World) -> None:
    with pytest.raises(Refusal) as caught:
        here.client.load(here.root / "inbox" / "none.wbpack")
    assert caught.value.code == "no_file"


def test_a_mode_that_is_not_whole_is_refused(here: World) -> None:
    raw = contract("appended").to_json()
    raw["dataset"]["reporting"] = {"mode": "append"}

    with pytest.raises(Refusal) as caught:
        here.load(type(contract()).from_json(raw), content(IDS, 20))
    assert caught.value.code == "mode_unknown"
