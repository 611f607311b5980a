"""Certificates: every changed field is caught, by both verifiers; the proof is audited again."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from disclosure import certificate as cert
from disclosure import verifier
from disclosure.errors import Refusal
from disclosure.findings import Decision, Verdict
from disclosure.gate import decide
from tests.lib.gate import evidence, policy

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
COUNTS = [[40, 50, 60], [3, 47, 80], [400, 500, 70], [120, 300, 90]]


def released() -> Decision:
    decision = decide(evidence(COUNTS), policy(), [])
    assert decision.verdict is Verdict.RELEASE
    return decision


def statement(decision: Decision, body: dict[str, Any]) -> cert.Statement:
    return cert.Statement(
        kind="table",
        release="00ff00ff00ff00ff",
        project="nafld-mortality",
        plan_sha256="a" * 64,
        policy_sha256=policy().hash,
        content_sha256=cert.content_sha256(body),
        data_versions={"nafld_person": "1"},
        code_version="0.1.0",
        findings=cert.findings_json(decision.findings),
        proof=dict(decision.proof),
        rho="0",
        reviewers=[],
        chain=cert.Chain(position=7, head="b" * 64),
        issued="2026-11-22T12:00:00Z",
    )


def body_of(decision: Decision) -> dict[str, Any]:
    return {"cells": cert.cells_json(decision.cells)}


def signed(built: dict[str, Any]) -> dict[str, Any]:
    return cert.sign(built, KEY.sign, PUBLIC)


@pytest.fixture(scope="module")
def sealed() -> tuple[dict[str, Any], dict[str, Any]]:
    decision = released()
    body = body_of(decision)
    return signed(cert.build(statement(decision, body))), body


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict) and value:
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list) and value:
        for index in range(len(value)):
            yield from leaves(value[index], (*path, index))
    else:
        yield path


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return ("0" if value[:1] != "0" else "1") + value[1:]
    return ["new"] if value == [] else {"new": 1} if value == {} else 0


def test_a_certificate_verifies_as_written_and_as_read_from_a_file(
    sealed: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    certificate, body = sealed
    again = cert.parse(json.dumps(certificate, indent=2).encode())
    assert cert.verify(again, {PUBLIC}).project == "nafld-mortality"
    report = verifier.check(again, {PUBLIC}, body)
    assert report.withheld >= 4
    assert report.intervals >= 1


@pytest.mark.parametrize(
    "verify", [cert.verify, verifier.check], ids=["the gate's", "the second verifier"]
)
def test_a_change_of_any_field_is_caught(
    sealed: tuple[dict[str, Any], dict[str, Any]], verify: Callable[..., Any]
) -> None:
    certificate, _ = sealed
    paths = list(leaves(certificate))
    assert len(paths) > 40
    for path in paths:
        forged = copy.deepcopy(certificate)
        holder = forged
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = changed(holder[path[-1]])
        with pytest.raises(Refusal):
            verify(forged, {PUBLIC})
    for extra in ({**certificate, "note": ""}, {k: certificate[k] for k in ("version", "key")}):
        with pytest.raises(Refusal):
            verify(extra, {PUBLIC})


def test_a_key_that_is_not_trusted_is_refused(
    sealed: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    with pytest.raises(Refusal) as refused:
        cert.verify(sealed[0], {bytes(32)})
    assert refused.value.code == "certificate_untrusted"
    with pytest.raises(Refusal):
        verifier.check(sealed[0], {bytes(32)})


def test_other_content_than_was_signed_is_refused(
    sealed: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    certificate, body = sealed
    other = copy.deepcopy(body)
    other["cells"][0]["values"]["n"] = 41
    with pytest.raises(Refusal, match="content"):
        verifier.check(certificate, {PUBLIC}, other)


def test_a_body_whose_counts_are_not_those_of_the_proof_is_refused() -> None:
    decision = released()
    body = body_of(decision)
    shown = next(cell for cell in body["cells"] if cell["values"]["n"])
    shown["values"]["n"] += 1
    with pytest.raises(Refusal, match="not those of the proof"):
        verifier.check(signed(cert.build(statement(decision, body))), {PUBLIC}, body)


def exposed(counts: list[int | None], withheld: dict[str, str]) -> dict[str, Any]:
    proof = {"kind": "suppression", "policy": policy().hash, "threshold": 10, "spread": 6}
    proof["policy_words"] = policy().words
    proof |= {"shape": [2, 2], "margins": True}
    return {**proof, "statistics": [{"name": "n", "counts": counts, "withheld": withheld}]}


@pytest.mark.parametrize(
    ("counts", "withheld", "flaw"),
    [
        ([None, 40, 43, 50, 60, 110, 53, 100, 153], {"0": "p"}, "follows"),
        ([3, 40, 43, 50, 60, 110, 53, 100, 153], {}, "below the threshold"),
        ([30, 40, 71, 50, 60, 110, 80, 100, 181], {}, "not the sums"),
        ([None, None, 5, 50, 60, 110, None, None, 115], {"0": "p", "1": "p", "6": "c", "7": "c"},
         "below the threshold"),
        ([None, None, 24, None, None, 86, 27, 83, 110],
         {"0": "p", "1": "c", "3": "c", "4": "c"}, ""),
        ([None, None, 40, None, None, 18, 42, 16, 58],
         {"0": "c", "1": "p", "3": "p", "4": "p"}, "open less"),
    ],
)  # fmt: skip
def test_the_second_verifier_audits_the_proof_itself(
    counts: list[int | None], withheld: dict[str, str], flaw: str
) -> None:
    decision = released()
    made = statement(decision, {}).model_copy(update={"proof": exposed(counts, withheld)})
    certificate = signed(cert.build(made))
    if not flaw:
        assert verifier.check(certificate, {PUBLIC}).shown == 5
        return
    with pytest.raises(Refusal, match=flaw):
        verifier.check(certificate, {PUBLIC})


@pytest.mark.parametrize("shape", [(6,), (5, 7), (4, 3, 3)])
@pytest.mark.parametrize("margins", [True, False])
def test_the_second_verifier_agrees_with_the_gate_on_whatever_it_releases(
    shape: tuple[int, ...], margins: bool
) -> None:
    for seed in range(6):
        counts = np.random.default_rng(seed).poisson(40, shape) * (
            np.random.default_rng(seed + 99).random(shape) < 0.9
        ) // np.random.default_rng(seed + 7).integers(1, 9, shape)  # fmt: skip
        view = int(counts.sum()) if seed % 2 else 10**6
        decision = decide(evidence(counts, margins=margins, view=view), policy(), [])
        if decision.verdict is Verdict.RELEASE:
            body = body_of(decision)
            certificate = signed(cert.build(statement(decision, body)))
            verifier.check(certificate, {PUBLIC}, body)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 100_000, b"\xff\xfe"]
)
def test_what_is_no_certificate_is_refused_without_repeating_it(text: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        cert.verify(cert.parse(text), {PUBLIC})
    assert refused.value.code == "certificate_malformed"
