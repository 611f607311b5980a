"""Notebooks lose what no reader sees; models leave with a card, and never with persons inside."""

import base64
import hashlib
import json
from typing import Any

import pytest

from disclosure.findings import Severity
from disclosure.freeform import examine
from disclosure.freeform.package import examine_all
from tests.lib.onnx_writer import attribute, message, model, node, tensor, text

BLOCKING, NOTE, WITHHELD = Severity.BLOCKING, Severity.NOTE, Severity.WITHHELD
CANARY = "13897248098"


def rules(found: Any) -> set[tuple[str, Severity]]:
    return {(one.rule.removeprefix("freeform."), one.severity) for one in found.findings}


def notebook(*outputs: dict[str, Any], **cell: Any) -> bytes:
    code = {"cell_type": "code", "metadata": {}, "execution_count": 7, "source": "1 + 1",
            "outputs": list(outputs)}  # fmt: skip
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"secret": CANARY}, "cells": [code | cell]}
    ).encode()


def test_a_notebook_keeps_its_sources_and_plain_text() -> None:
    made = examine(
        "a.ipynb",
        notebook({"output_type": "stream", "name": "stdout", "text": ["HR 1.42\n"]}),
    )
    tree = json.loads(made.content)

    assert tree["cells"][0]["source"] == "1 + 1"
    assert tree["cells"][0]["outputs"][0]["text"] == "HR 1.42\n"
    assert CANARY.encode() not in made.content
    assert ("markup", NOTE) in rules(made)


@pytest.mark.parametrize(
    "hidden",
    [
        notebook({"output_type": "display_data", "data": {"image/png": CANARY}, "metadata": {}}),
        notebook({"output_type": "display_data", "data": {"text/html": CANARY}, "metadata": {}}),
        notebook({"output_type": "error", "ename": CANARY, "evalue": CANARY, "traceback": []}),
        notebook(attachments={"a.png": {"image/png": CANARY}}),
        notebook(metadata={"tags": [CANARY]}),
        notebook(id=CANARY),
    ],
)
def test_what_a_reader_of_a_notebook_does_not_see_is_left_out(hidden: bytes) -> None:
    assert CANARY.encode() not in examine("a.ipynb", hidden).content


def test_text_outputs_of_a_notebook_are_checked() -> None:
    rows = "\n".join(f"row {one}  {one * 7919 % 104729}" for one in range(150))
    told = {"output_type": "stream", "name": "stdout", "text": f"n = 3\n{CANARY}\n"}

    found = rules(examine("a.ipynb", notebook(told)))
    assert ("identifiers", BLOCKING) in found
    shown = {"output_type": "execute_result", "data": {"text/plain": rows}, "metadata": {}}
    assert ("rows", BLOCKING) in rules(examine("a.ipynb", notebook(shown)))


@pytest.mark.parametrize("content", [b"{}", b'{"cells": 3, "nbformat": 4}', b"[" * 9000, b"\xff"])
def test_what_is_no_notebook_blocks(content: bytes) -> None:
    assert ("markup", BLOCKING) in rules(examine("a.ipynb", content))


LINEAR = model(node("LinearRegressor", attribute("coefficients", floats=[0.5, -1.0])))


def card(content: bytes, **changes: Any) -> bytes:
    told: dict[str, Any] = {
        "file": "m.onnx", "sha256": hashlib.sha256(content).hexdigest(), "kind": "linear",
        "training_persons": 5000, "parameters": 3,
    }  # fmt: skip
    return json.dumps({"model_card": told | changes}).encode()


def together(content: bytes, told: bytes | None) -> dict[str, set[tuple[str, Severity]]]:
    files = {"m.onnx": content} | ({} if told is None else {"card.json": told})
    return {name: rules(one) for name, one in examine_all(files).items()}


def test_a_linear_model_with_its_card_has_notes_alone() -> None:
    found = together(LINEAR, card(LINEAR))

    assert found["m.onnx"] == {("models", NOTE)}
    assert {severity for _, severity in found["card.json"]} == {NOTE}


@pytest.mark.parametrize(
    "told", [None, card(b"another"), card(LINEAR, file="x.onnx"), b'{"model_card": {}}']
)
def test_a_model_without_a_card_of_its_own_blocks(told: bytes | None) -> None:
    assert ("models", BLOCKING) in together(LINEAR, told)["m.onnx"]


@pytest.mark.parametrize(
    "hostile",
    [
        model(node("SVMClassifier", attribute("support_vectors", floats=[1.0] * 9))),
        model(node("CDist"), node("TopK")),
        model(node("Loop")),
        model(node("MyOwnOperation")),
        model(node("Gemm"), extra=text(6, "a diary")),
        model(node("Gemm"), extra=message(14, text(1, "k") + text(2, "v"))),
        model(node("Gemm", doc="notes")),
        model(node("Gemm"), tensors=[message(13, text(1, "location")) + text(8, "w")]),
        model(node("Gemm"), extra=message(25, b"")),
    ],
)
def test_models_that_keep_persons_or_carry_something_else_block(hostile: bytes) -> None:
    assert ("models", BLOCKING) in together(hostile, card(hostile))["m.onnx"]


def test_texts_in_a_model_are_searched_and_its_numbers_counted() -> None:
    named = model(node("LabelEncoder", attribute("keys_strings", texts=[CANARY])))
    large = model(node("Gemm"), tensors=[tensor([0.5] * 300)])

    assert ("identifiers", BLOCKING) in rules(examine("m.onnx", named))
    said = [one.text["en"] for one in examine("m.onnx", large).findings]
    assert any("A model of 300 numbers" in one for one in said)


@pytest.mark.parametrize("content", [b"", b"no model", LINEAR[:-3], b"\x3a\xff\xff\xff\xff\x0f"])
def test_what_is_no_model_blocks(content: bytes) -> None:
    assert examine("m.onnx", content).findings


@pytest.mark.parametrize(
    ("changes", "blocks"),
    [
        ({}, False),
        ({"parameters": 501}, True),
        ({"parameters": 501, "epsilon": 1.0}, False),
        ({"parameters": 501, "epsilon": 50.0}, True),
        ({"kind": "tree", "smallest_leaf": 10, "attack_auc": 0.52}, False),
        ({"kind": "tree", "smallest_leaf": 9, "attack_auc": 0.52}, True),
        ({"kind": "forest", "attack_auc": 0.52}, True),
        ({"kind": "neural_network"}, True),
        ({"kind": "neural_network", "attack_auc": 0.55}, False),
        ({"kind": "neural_network", "attack_auc": 0.56}, True),
        ({"kind": "neural_network", "attack_auc": 0.40}, True),
        ({"kind": "neural_network", "attack_auc": 0.5, "attack_tpr": 0.02}, True),
    ],
)
def test_a_card_is_held_against_the_rules(changes: dict[str, Any], blocks: bool) -> None:
    assert (
        ("models", BLOCKING) in together(LINEAR, card(LINEAR, **changes))["card.json"]
    ) == blocks


@pytest.mark.parametrize("name", ["support_vectors", "X_train", "_fit_X", "residuals"])
def test_json_that_keeps_persons_values_blocks(name: str) -> None:
    told = json.dumps({"kernel": "rbf", name: [0.5, 1.5, 2.5]}).encode()

    assert ("models", BLOCKING) in rules(examine("a.json", told))


def test_packed_or_encrypted_text_is_no_result() -> None:
    digests = [hashlib.sha512(bytes([one])).digest() for one in range(40)]
    noise = base64.b85encode(b"".join(digests)).decode()
    spaced = "\n".join(noise[at : at + 40] for at in range(0, len(noise), 40))
    prose = "The hazard ratio was 1.42 (95 % CI 1.10 to 1.83) among women, and 1.31 among men. "
    table = "group,n,mean\n" + "".join(f"{at}0-{at}9,{at * 37 + 1000},{at / 7:.4f}\n" for at in
                                       range(90))  # fmt: skip

    assert ("entropy", BLOCKING) in rules(examine("a.txt", spaced.encode()))
    assert "entropy" not in {rule for rule, _ in rules(examine("a.txt", (prose * 40).encode()))}
    assert "entropy" not in {rule for rule, _ in rules(examine("a.csv", table.encode()))}
