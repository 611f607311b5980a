"""Models: none that keeps persons' values, and none that was not measured against an attacker.

A model leaves with a card (JSON) that says what it was trained on. The card is written by the run
itself: what it says is judged, but not proved, and the officer is told so.
"""

import json
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, Kind
from disclosure.freeform.onnx import ALLOWED, INSTANCES
from disclosure.freeform.words import finding

__all__ = ["AUC", "Card", "card_of", "check"]

AUC, AT_LOW_RATE, SHARE = 0.55, 0.01, 10
"""An attacker's area under the curve; true positives at one false one in a thousand; persons a
parameter."""
_KEPT = (
    "support_vectors support_vectors_ dual_coef dual_coef_ x_train x_train_ _fit_x fit_x neighbors "
    "medoids medoid_indices cluster_centers_indices exemplars training_data train_data "
    "alpha_vectors gram residuals fitted leverage cooks_distance hat"
)
Count = Annotated[int, Field(ge=0, le=10**12)]
Share = Annotated[float, Field(ge=0, le=1)]


class Card(BaseModel):
    """{"model_card": {…}}: a closed schema.

    file: the model's file, sha256: of its bytes; kind: what it is; training_persons: distinct;
    parameters: fitted numbers; smallest_leaf: persons in the smallest leaf (trees); attack_auc,
    attack_tpr: of the best membership inference tried, the second at one false positive in a
    thousand; epsilon: of training with differential privacy.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    file: Annotated[str, Field(max_length=100)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kind: Literal["linear", "logistic", "cox", "tree", "forest", "boosting", "neural_network",
                  "naive_bayes", "other"]  # fmt: skip
    training_persons: Count
    parameters: Count
    smallest_leaf: Count | None = None
    attack_auc: Share | None = None
    attack_tpr: Share | None = None
    epsilon: Annotated[float, Field(gt=0, le=1000)] | None = None


def card_of(content: bytes) -> Card | None:
    """The card in a JSON file; None where there is none, or not of the form."""
    try:
        tree = json.loads(content)
        return Card.model_validate(tree["model_card"]) if set(tree) == {"model_card"} else None
    except (ValueError, ValidationError, TypeError, KeyError, RecursionError):
        return None


def check(candidate: Candidate) -> Iterable[Finding]:
    """Of ONNX models, model cards, and JSON that keeps persons' values under a telling name."""
    if candidate.kind is Kind.MODEL and candidate.parsed:
        yield from _model(candidate)
    elif candidate.kind is Kind.JSON and candidate.parsed:
        card = card_of(candidate.content)
        if card is not None:
            yield from _card(card, candidate.threshold)
        yield from _kept(candidate)


def _model(candidate: Candidate) -> Iterable[Finding]:
    model = candidate.model
    if model is None:
        return
    instances = sum(model.operations[one] for one in INSTANCES)
    strange = sum(
        count for one, count in model.operations.items() if one not in ALLOWED | INSTANCES
    )
    if instances:
        yield _instance_based(instances)
    if strange:
        yield _said(
            Severity.BLOCKING,
            f"{strange} operation(s) of the model are not on the list.",
            f"{strange} operasjon(er) i modellen står ikke på listen.",
            "Export a linear model, trees or a plain neural network.",
            "Eksporter en lineær modell, trær eller et enkelt nevralt nett.",
            strange,
        )
    if model.extra:
        yield _said(
            Severity.BLOCKING,
            f"{model.extra.total()} part(s) of the file are no model: documentation, metadata, "
            "functions or outside files.",
            f"{model.extra.total()} del(er) av filen er ikke modell: dokumentasjon, metadata, "
            "funksjoner eller filer utenfor.",
            "Remove doc_string, metadata_props and functions before saving.",
            "Fjern doc_string, metadata_props og functions før lagring.",
            model.extra.total(),
        )
    yield _said(
        Severity.NOTE,
        f"A model of {model.numbers} numbers and {len(model.texts)} names or texts.",
        f"En modell med {model.numbers} tall og {len(model.texts)} navn eller tekster.",
        "See its card for what it was trained on.",
        "Se modellkortet for hva den er trent på.",
        model.numbers,
    )


def _card(card: Card, threshold: int) -> Iterable[Finding]:
    yield _said(
        Severity.NOTE,
        "A model card: what it says was written by the run itself and is not proved.",
        "Et modellkort: det som står der, er skrevet av kjøringen selv og er ikke bevist.",
        "Look at the code that measured it.",
        "Se på koden som målte det.",
    )
    trees = card.kind in ("tree", "forest", "boosting")
    private = card.epsilon is not None and card.epsilon <= 8
    for broken, english, norsk, do, gjor in (
        (
            card.training_persons < SHARE * card.parameters and not private,
            f"Fewer than {SHARE} persons for each fitted number.",
            f"Færre enn {SHARE} personer per tilpasset tall.",
            "Fit a smaller model, or train with differential privacy.",
            "Tilpass en mindre modell, eller tren med differensielt personvern.",
        ),
        (
            trees and (card.smallest_leaf or 0) < threshold and not private,
            f"Leaves of fewer than {threshold} persons, or it is not said how small they are.",
            f"Blader med færre enn {threshold} personer, eller det er ikke oppgitt.",
            f"Set min_samples_leaf={threshold} or more.",
            f"Sett min_samples_leaf={threshold} eller mer.",
        ),
        (
            not private
            and card.kind not in ("linear", "logistic", "cox")
            and (card.attack_auc is None or not 1 - AUC <= card.attack_auc <= AUC),
            f"An attacker tells who was trained on (area above {AUC}), or none was tried.",
            f"En angriper ser hvem det er trent på (areal over {AUC}), eller ingen er prøvd.",
            "Regularise more, prune, or train with differential privacy; then measure again.",
            "Regulariser mer, beskjær, eller tren med differensielt personvern; mål så på nytt.",
        ),
        (
            not private and card.attack_tpr is not None and card.attack_tpr > AT_LOW_RATE,
            "An attacker is sure about some persons.",
            "En angriper er sikker om noen personer.",
            "Regularise more, prune, or train with differential privacy; then measure again.",
            "Regulariser mer, beskjær, eller tren med differensielt personvern; mål så på nytt.",
        ),
    ):
        if broken:
            yield _said(Severity.BLOCKING, english, norsk, do, gjor, 1)


def _kept(candidate: Candidate) -> Iterable[Finding]:
    names = {name.strip().casefold() for table in candidate.tables for name in table.header}
    found = len(names & set(_KEPT.split()))
    if found:
        yield _instance_based(found)


def _instance_based(count: int) -> Finding:
    return _said(
        Severity.BLOCKING,
        "The model keeps persons' values (neighbours, support vectors, medoids, residuals).",
        "Modellen bærer med seg personers verdier (naboer, støttevektorer, medoider, residualer).",
        "Release coefficients, trees with large leaves, or predictions for made-up persons.",
        "Utgi koeffisienter, trær med store blader, eller prediksjoner for oppdiktede personer.",
        count,
    )


def _said(
    severity: Severity, english: str, norsk: str, do: str, gjor: str, count: int = 0
) -> Finding:
    return finding("models", severity, (english, norsk), (do, gjor), count)
