"""Packages of ACRO: one that acro 1.0.2 wrote is read, and ours are written in its form."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from disclosure.acro import of_release, package, read_package
from disclosure.findings import Severity
from disclosure.freeform.package import examine_all

WRITTEN = Path(__file__).resolve().parents[2] / "vectors/acro"
FILES = {path.name: path.read_bytes() for path in sorted(WRITTEN.iterdir())}
BLOCKING, NOTE = Severity.BLOCKING, Severity.NOTE


def said(files: dict[str, bytes], name: str) -> dict[str, Severity]:
    found = examine_all(files)[name].findings
    return {one.text["en"]: one.severity for one in found if one.rule == "freeform.acro"}


def changed(**results: Any) -> dict[str, bytes]:
    tree = json.loads(FILES["results.json"])
    tree["results"]["output_0"] |= results
    return FILES | {"results.json": json.dumps(tree).encode()}


def test_a_package_by_acro_is_read_with_its_outputs_status_and_marked_cells() -> None:
    read = read_package(FILES["results.json"])

    assert read is not None
    assert read.usual_version == "1.0.2"
    assert [one.status for one in read.results.values()].count("fail") == 2
    assert read.files["output_0_0.csv"].failed_cells == 2
    assert read.kept_back == {"session_summary.json", "session_summary.csv"}


def test_the_officer_is_told_what_acro_said_of_each_file() -> None:
    assert said(FILES, "output_0_0.csv") == {
        "ACRO's own checks failed (2 cells).": BLOCKING,
        "The researcher asks for an exception; the reason stands in results.json.": NOTE,
    }
    assert said(FILES, "output_2_0.csv") == {}
    assert BLOCKING in said(FILES, "session_summary.json").values()
    assert any("5 outputs, 1 pass, 2 review, 2 fail" in one for one in said(FILES, "results.json"))


def test_a_pass_by_acro_hides_no_finding_of_ours() -> None:
    table = changed(status="pass")

    found = {one.rule for one in examine_all(table)["output_0_0.csv"].findings}
    assert "freeform.small_counts" in found


def test_a_file_that_is_named_and_not_there_blocks() -> None:
    left = {name: content for name, content in FILES.items() if name != "output_1_0.csv"}

    assert said(left, "results.json")["1 file(s) that the package names are not there."] is BLOCKING


def test_marked_cells_outside_of_their_table_block() -> None:
    """Whole numbers in the list of cells could say anything."""
    hidden = [{"name": "output_0_0.csv", "sdc": {"cells": {"a": [[138972, 48098], [1, 1]]}}}]

    assert any("1 marked cell(s) lie outside" in one for one in
               said(changed(files=hidden), "results.json"))  # fmt: skip


def test_no_text_of_a_package_is_repeated() -> None:
    canary = "13897248098-canary"
    files = changed(exception=canary, command=canary, summary=canary, type=canary)
    tree = json.loads(files["results.json"])
    tree["version"] = canary
    files["results.json"] = json.dumps(tree).encode()

    for one in examine_all(files).values():
        for found in one.findings:
            assert "canary" not in json.dumps([dict(found.text), dict(found.remedy)])


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"version": "1", "results": {"a": {}}}', b"\xff", b"[" * 9999]
)
def test_a_results_file_of_another_form_is_no_package(content: bytes) -> None:
    assert read_package(content) is None
    assert examine_all({"results.json": content})


BODY: dict[str, Any] = {
    "kind": "crosstab",
    "explained": "Count the persons by sex.",
    "ontology": {"statbarn": "https://www.w3id.org/statbarnsdc#Frequencies", "risks": []},
    "dimensions": [{"name": "sex"}, {"name": "region"}],
    "statistics": ["n"],
    "findings": [{"severity": "withheld", "cells": 2, "text": {"en": "Two."}, "rule": "threshold"}],
    "cells": [
        {"codes": ["F", "1"], "values": {"n": 40}, "mark": ""},
        {"codes": ["F", "2"], "values": {"n": None}, "mark": "primary"},
        {"codes": ["M", "1"], "values": {"n": None}, "mark": "complementary"},
    ],
}
STATEMENT = {"release": "0" * 16, "issued": "2026-11-25T20:00:00Z"}


def test_a_release_is_written_with_files_sums_and_its_withheld_cells() -> None:
    made = package([of_release(STATEMENT, BODY)], {"safe_threshold": 10})
    name = f"{'0' * 16}_table.csv"
    result = json.loads(made["results.json"])["results"][f"workbench_{'0' * 16}"]

    assert made[name] == b"sex,region,n\nF,1,40\nF,2,\nM,1,\n"
    assert result["status"] == "pass"
    assert result["fair"]["statbarn"] == "Frequencies"
    assert result["files"][0]["sdc"]["cells"] == {"threshold": [[1, 1]], "suppression": [[2, 1]]}
    for file in ("results.json", name):
        assert made[f"checksums/{file}.txt"].decode() == hashlib.sha256(made[file]).hexdigest()


def test_what_is_written_is_what_acro_writes_and_its_reader_asks_for() -> None:
    """The fields of acro 1.0.2's own package, of the same types."""
    theirs = json.loads(FILES["results.json"])
    made = json.loads(package([of_release(STATEMENT, BODY)], {})["results.json"])
    ours = next(iter(made["results"].values()))

    assert set(theirs) <= set(made)
    for one in theirs["results"].values():
        assert set(one) <= set(ours)
        assert {key: type(ours[key]) for key in one} == {key: type(value) for key, value in
                                                         one.items()}  # fmt: skip
    assert set(ours["files"][0]) == {"name", "sdc"}
    assert read_package(json.dumps(made).encode()) is not None
