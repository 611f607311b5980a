"""Findings never repeat what they found, and no bytes bring the checks down."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.freeform import examine

PERSON, PSEUDONYM = "13897248098", "918273645546372819"
CANARIES = [PERSON, PSEUDONYM, "2017-03-29", "canarycode", "31.41592653589793238", "Åse-Marie"]
TEXT = (
    f"{PERSON},canarycode,n\n{PSEUDONYM},2017-03-29,3\nÅse-Marie,31.41592653589793238,4\n"
    "=canarycode(),\u200b,5\n"
)


def told(name: str, content: bytes) -> str:
    found = examine(name, content).findings
    assert found
    return json.dumps(
        [[f.rule, f.severity, dict(f.text), dict(f.remedy), f.cells] for f in found],
        ensure_ascii=False,
    )


@pytest.mark.parametrize("suffix", ["csv", "json", "txt", "md", "png", "bin"])
def test_no_finding_echoes_a_canary(suffix: str) -> None:
    content = TEXT.encode()
    if suffix == "json":
        content = json.dumps({"canarycode": [PERSON, PSEUDONYM, "2017-03-29"], "n": 3}).encode()

    for name in (f"a.{suffix}", f"{PERSON}.{suffix}", f"Åse-Marie canarycode.{suffix}"):
        said = told(name, content)
        assert [canary for canary in CANARIES if canary in said] == []


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.sampled_from(["a.csv", "a.json", "a.txt", "a.png", "a.x", ""]),
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text(max_size=5), inner, max_size=4)
            ),
            max_leaves=20,
        ).map(lambda tree: json.dumps(tree).encode()),
        st.binary(max_size=80).map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail),
    ),
)
def test_no_bytes_bring_the_checks_down(name: str, content: bytes) -> None:
    assert examine(name, content).findings == examine(name, content).findings


def test_findings_are_sorted_by_risk() -> None:
    weights = {"blocking": 0, "withheld": 1, "note": 2}
    order = [
        weights[finding.severity] for finding in examine("12345 a.csv", TEXT.encode()).findings
    ]

    assert order == sorted(order)
    assert len(set(order)) == 2


def test_every_finding_is_said_in_both_languages_with_a_remedy() -> None:
    for finding in examine("a.csv", TEXT.encode()).findings:
        assert finding.rule.startswith("freeform.")
        assert set(finding.text) == set(finding.remedy) == {"en", "nb"}
        assert finding.cells >= 0
