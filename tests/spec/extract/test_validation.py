"""Checking an extract: what a registry owner is told, drawn as tables.

The base contract: `arrived` and `left` (dates), `Kjønn` K or M, `ward` med, old (until 2009) or new
(from 2010), `weight` in kg from 1 to 140 with 999 for missing, `height` above weight. Identifiers
are synthetic: the instance is a demo.
"""

from datetime import date
from pathlib import Path

import pytest

from tests.lib.extracts import a_contract, checked, drawn, found, numbers

A, B, C, D = numbers(4, seed=1)
HEAD = "fnr | arrived | left | Kjønn | ward | weight | height | smoker | note"


def report_of(folder: Path, *rows: str, **options: object):  # type: ignore[no-untyped-def]
    table = "\n".join([HEAD, *rows])
    return checked(folder, drawn(table), today=date(2024, 1, 1), **options)


def test_a_clean_file_passes_without_a_word(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        f"{A} | 2010-01-01 | 2010-01-03 | K | new | 70,5 | 170 | true | .",
        f"{A} | 2009-12-31 | .          | K | old | 999  | .   | .    | aspirin 100 mg",
        f"{B} | 2010-01-01 | 2010-01-01 | M | med | .    | 181 | 0    | tlf 22 33 44 55",
    )
    assert report.verdict == "pass"
    assert (report.rows, report.quarantined, report.findings) == (3, 0, ())


def test_a_bad_row_is_named_by_number_and_rule_and_left_out(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        f"{A} | 2010-01-01 | . | K | . | 70 | 170 | . | .",
        f"{B} | 2010-01-01 | . | X | . | 70 | 170 | . | .",
        f"{C} | 2010-01-01 | . | M | . | 70 | 170 | . | .",
    )
    finding = found(report, "unknown_code")
    assert (finding.phase, finding.column, finding.rows) == ("values", "Kjønn", (2,))
    assert finding.severity == "quarantine"
    assert report.verdict == "warn"
    assert report.quarantine.to_list() == [2]


def test_more_bad_rows_than_agreed_stop_the_file(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        f"{A} | 2010-01-01 | . | X | . | 70 | 170 | . | .",
        f"{B} | 2010-01-01 | . | X | . | 70 | 170 | . | .",
        f"{C} | 2010-01-01 | . | M | . | 70 | 170 | . | .",
    )
    assert report.verdict == "stop"
    assert found(report, "too_many_bad_rows").count == 2


def test_a_code_is_judged_at_the_rows_own_date(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        f"{A} | 2009-12-31 | . | K | old | 70 | 170 | . | .",
        f"{B} | 2010-01-01 | . | K | old | 70 | 170 | . | .",
        f"{C} | 2009-12-31 | . | K | new | 70 | 170 | . | .",
        f"{D} | 2010-01-01 | . | K | new | 70 | 170 | . | .",
    )
    assert found(report, "code_not_valid_then").rows == (2, 3)


def test_all_phases_run_whatever_the_others_found(tmp_path: Path) -> None:
    report = report_of(
        tmp_path,
        f"{A}   | 2010-01-01 | 2009-01-01 | X | med | 70  | 170 | .     | .",
        f"{B}   | 2010-01-01 | .          | K | med | 400 | 170 | maybe | .",
        f"{B}   | 2010-01-01 | .          | K | med | 70  | 170 | .     | .",
        f"{C}   | 1999-01-01 | .          | K | med | abc | 170 | .     | .",
        f"{D[:10]} | 2030-01-01 | .       | K | med | 70  | 60  | .     | {A}",
    )
    seen = {(item.phase, item.rule, item.rows) for item in report.findings}
    assert seen == {
        ("values", "wrong_type", (4,)),
        ("values", "wrong_type", (2,)),
        ("values", "unknown_code", (1,)),
        ("values", "above_maximum", (2,)),
        ("values", "broken_rule", (2, 5)),
        ("keys", "duplicate_key", (2, 3)),
        ("keys", "id_length", (5,)),
        ("time", "stop_before_start", (1,)),
        ("time", "outside_validity", (4,)),
        ("time", "in_the_future", (5,)),
        ("hiding", "hidden_identifier", (5,)),
        ("decision", "too_many_bad_rows", ()),
    }


@pytest.mark.parametrize(
    ("kind", "month", "rule"),
    [("demo", 0, "id_real"), ("test", 0, "id_real"), ("production", 80, "id_synthetic")],
)
def test_one_number_of_the_wrong_range_stops_the_file(
    tmp_path: Path, kind: str, month: int, rule: str
) -> None:
    good = numbers(3, month=80 - month)
    wrong = numbers(1, month=month)[0]
    report = report_of(
        tmp_path,
        *(f"{number} | 2010-01-01 | . | K | . | 70 | 170 | . | ." for number in [*good, wrong]),
        kind=kind,
    )
    assert report.verdict == "stop"
    assert found(report, rule).rows == (4,)


@pytest.mark.parametrize(
    ("choice", "severity"),
    [("quarantine", "quarantine"), ("keep_unlinked", "warn"), ("stop", "stop")],
)
def test_the_contract_says_what_happens_to_unusable_ids(
    tmp_path: Path, choice: str, severity: str
) -> None:
    contract = a_contract(
        identifier=[
            {
                "name": "person",
                "column": "fnr",
                "idType": ["FNR"],
                "onInvalid": choice,
                "onMissing": choice,
            }
        ]
    )
    swapped = A[:9] + str((int(A[9]) + 1) % 10) + A[10:]
    report = report_of(
        tmp_path,
        f"{swapped} | 2010-01-01 | . | K | . | 70 | 170 | . | .",
        "         . | 2010-01-02 | . | K | . | 70 | 170 | . | .",
        f"{B}       | 2010-01-01 | . | K | . | 70 | 170 | . | .",
        f"{C}       | 2010-01-01 | . | K | . | 70 | 170 | . | .",
        contract=contract,
    )
    for rule, row in (("id_checksum", 1), ("id_missing", 2)):
        assert (found(report, rule).rows, found(report, rule).severity) == ((row,), severity)


def test_several_persons_in_one_row_are_each_checked(tmp_path: Path) -> None:
    contract = a_contract(
        identifier=[
            {"name": "child", "column": "barn", "idType": ["FNR"]},
            {"name": "mother", "column": "mor", "idType": ["FNR"], "onMissing": "keep_unlinked"},
        ],
        dataset={"temporalityType": "FIXED", "primaryKey": []},
        variable=[{"name": "weight", "label": {"nb": "Vekt"}, "dataType": "LONG"}],
    )
    report = checked(
        tmp_path,
        drawn(f"""
            barn | mor  | weight
            {A}  | {B}  | 3500
            {C}  | .    | 3200
            {D}  | {B}1 | 3400
            {A}  | {B}  | 3600
        """),
        contract,
    )
    assert found(report, "id_length").column == "mor"
    assert found(report, "id_length").rows == (3,)
    assert found(report, "id_missing").severity == "warn"
    assert found(report, "person_repeated").rows == (1, 4)


def test_periods_of_one_key_may_not_overlap_when_the_contract_says_so(tmp_path: Path) -> None:
    contract = a_contract(dataset={"primaryKey": [], "noOverlap": ["person", "ward"]})
    report = report_of(
        tmp_path,
        f"{A} | 2010-01-01 | 2010-01-31 | K | med | . | . | . | .",
        f"{A} | 2010-01-05 | 2010-01-06 | K | med | . | . | . | .",
        f"{A} | 2010-01-20 | 2010-02-06 | K | med | . | . | . | .",
        f"{A} | 2010-01-20 | 2010-02-06 | K | new | . | . | . | .",
        f"{B} | 2010-01-20 | .          | K | med | . | . | . | .",
        f"{B} | 2011-01-20 | 2011-01-21 | K | med | . | . | . | .",
        f"{C} | 2010-01-01 | 2010-01-31 | K | med | . | . | . | .",
        f"{C} | 2010-01-31 | 2010-02-15 | K | med | . | . | . | .",
        contract=contract,
    )
    assert found(report, "overlap").rows == (2, 3, 6)


def test_a_status_is_one_a_person_and_day(tmp_path: Path) -> None:
    contract = a_contract(dataset={"temporalityType": "STATUS", "primaryKey": []})
    report = report_of(
        tmp_path,
        f"{A} | 2010-01-01 | 2010-01-01 | K | med | . | . | . | .",
        f"{A} | 2010-01-01 | 2010-01-01 | K | new | . | . | . | .",
        f"{B} | 2010-01-01 | 2010-01-02 | K | med | . | . | . | .",
        f"{C} | .          | 2010-01-02 | K | med | . | . | . | .",
        contract=contract,
    )
    assert found(report, "status_repeated").rows == (1, 2)
    assert found(report, "start_is_not_stop").rows == (3,)
    assert found(report, "missing_start").rows == (4,)


def test_the_report_speaks_both_languages_and_always_says_what_to_do(tmp_path: Path) -> None:
    report = report_of(tmp_path, f"{A} | 2010-01-01 | . | X | . | 70 | 170 | . | .")

    assert "verdier står ikke i kodelisten" in report.render("nb")
    assert "values are not in the code list" in report.render("en")
    for finding in report.findings:
        assert all(finding.text[lang] and finding.remedy[lang] for lang in ("nb", "en"))
