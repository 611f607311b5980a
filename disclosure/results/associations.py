"""How numbers go together: products of many persons, none of whom weighs too much.

Moments are sums over persons, and single values can be read out of covariances with vectors of
one's own making (Huth et al. 2023): so a variable of few values must have none that is rare, two
yes/no variables must have no small cell between them, and nobody may make up half of a variable's
spread.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from disclosure.findings import Finding, Severity
from disclosure.policy import Policy
from disclosure.results.block import Block, BlockColumn, Value
from disclosure.results.digits import p_value, significant
from disclosure.results.evidence import ResultEvidence
from disclosure.results.judgement import Judgement, judge
from disclosure.rules import means
from disclosure.rules.dominance import Contributions

__all__ = ["AssociationEvidence", "outlying", "rare_values"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVERAGE = 0.5
EXACT = 0.995
"""Two numbers that go together so closely are one number: each would tell the other."""
PERSONS_A_COMPONENT = 10

_VARIABLE = {"en": "Variable", "nb": "Variabel"}
_OTHER = {"en": "With", "nb": "Med"}
_PERSONS = {"en": "Persons", "nb": "Personer"}


@dataclass(frozen=True, kw_only=True)
class AssociationEvidence(ResultEvidence):
    """Of p variables over n persons: mean (p), products about the mean (p × p), moments (p) each.

    farthest: how far from the mean somebody lies. two_values: the two values of a variable that
    takes no other, else (). Of Spearman's, mean, products, farthest and two_values are of midranks;
    the moments are of the variables all the same.
    """

    kind: str
    variables: tuple[str, ...]
    mean: Floats
    products: Floats
    farthest: Floats
    moments: Contributions
    two_values: tuple[tuple[float, ...], ...]


@judge.register
def _(evidence: AssociationEvidence, policy: Policy) -> Judgement:
    found = _findings(evidence, policy)
    if found:
        return Judgement(tuple(found))
    n = int(evidence.population)
    covariance = evidence.products / (n - 1)
    sd = np.sqrt(np.diag(covariance))
    share = _weightiest(evidence)
    correlation = _to_digits(covariance / np.outer(sd, sd), share, policy)
    np.fill_diagonal(correlation, 1.0)
    if evidence.kind == "components":
        blocks = _components(evidence.variables, correlation)
    else:
        close = _too_close(evidence.variables, covariance / np.outer(sd, sd))
        if close is not None:
            return Judgement((close,))
        scaled = share * np.outer(sd, sd)
        told = _to_digits(covariance, scaled, policy)
        shown = told if evidence.kind == "covariances" else correlation
        blocks = (_matrix(evidence, shown), _pairs(evidence, shown, correlation, n))
    persons = Block(
        "persons", _PERSONS, (BlockColumn("persons", "persons", _PERSONS),), ((n,),)
    )  # fmt: skip
    return Judgement((), (*blocks, persons), ((0,),), {"kind": evidence.kind})


def _findings(evidence: AssociationEvidence, policy: Policy) -> list[Finding]:
    variables = evidence.variables
    spread = np.diag(evidence.products)
    still = [name for name, v in zip(variables, spread.tolist(), strict=True) if v <= 0]
    if still:
        return [_said("variation", still)]
    found = []
    rare = rare_values(evidence.moments, policy)
    if rare.any():
        found.append(_said("rare", _named(variables, rare), policy.threshold))
    mean = evidence.moments.total / evidence.population
    own = evidence.moments.total_sq - evidence.population * mean * mean
    out = outlying(evidence.moments.largest, mean, own)
    if out.any():
        found.append(_said("outlying", _named(variables, out)))
    if evidence.population < PERSONS_A_COMPONENT * len(variables):
        found.append(_said("few", variables, PERSONS_A_COMPONENT * len(variables)))
    pairs = _small_pairs(evidence, policy)
    if pairs:
        found.append(_said("pair", pairs, policy.threshold))
    return found


def rare_values(moments: Contributions, policy: Policy) -> NDArray[np.bool_]:
    """Variables of few values, one of which fewer than the threshold hold."""
    rarest = moments.rarest
    if rarest is None:
        raise ValueError("nobody looked for rare values")
    found: NDArray[np.bool_] = (rarest > 0) & (rarest < policy.threshold)
    return found


def outlying(largest: Floats, mean: Floats, spread: Floats) -> NDArray[np.bool_]:
    """Variables half of whose spread (Σ(x - mean)²) one person could make up.

    largest: |x|; the one who holds it lies at most largest + |mean| from the mean, and no nearer
    than largest - |mean|: that much is certain.
    """
    certain = np.square(np.maximum(largest - np.abs(mean), 0.0))
    found: NDArray[np.bool_] = certain > LEVERAGE * spread
    return found


def _weightiest(evidence: AssociationEvidence) -> Floats:
    """(p × p) The most that one person makes up of the spread of one of two variables."""
    share = np.minimum(np.square(evidence.farthest) / np.diag(evidence.products), 1.0)
    return np.maximum.outer(share, share)


def _to_digits(values: Floats, weights: Floats, policy: Policy) -> Floats:
    """Values to so many decimals that p% of what one person can add to each stays open."""
    told = [
        means.capped(value, means.mean_digits(1, weight, policy))
        for value, weight in zip(values.ravel().tolist(), weights.ravel().tolist(), strict=True)
    ]
    return np.array(told).reshape(values.shape)


def _small_pairs(evidence: AssociationEvidence, policy: Policy) -> list[str]:
    """Pairs of two-valued variables with a small cell in their table of four."""
    n, found = evidence.population, []
    for i, first in enumerate(evidence.two_values):
        for j in range(i + 1, len(evidence.two_values)):
            second = evidence.two_values[j]
            if not first or not second:
                continue
            (a, b), (c, d) = first, second
            x, y = float(evidence.mean[i]), float(evidence.mean[j])
            both = evidence.products[i, j] + n * (x - a) * (y - c)
            high = both / ((b - a) * (d - c))
            rows, columns = n * (x - a) / (b - a), n * (y - c) / (d - c)
            cells = np.rint([high, rows - high, columns - high, n - rows - columns + high])
            if ((cells > 0) & (cells < policy.threshold)).any():
                found.append(f"{evidence.variables[i]} × {evidence.variables[j]}")
    return found


def _too_close(variables: tuple[str, ...], correlation: Floats) -> Finding | None:
    apart = np.abs(correlation) - np.eye(len(variables))
    if apart.max() < EXACT:
        return None
    i, j = np.unravel_index(int(apart.argmax()), apart.shape)
    return _said("close", (f"{variables[i]} × {variables[j]}",))


def _matrix(evidence: AssociationEvidence, shown: Floats) -> Block:
    columns = (
        BlockColumn("variable", "text", _VARIABLE),
        *(BlockColumn(one, "number", {"en": one, "nb": one}) for one in evidence.variables),
    )
    rows = tuple(
        (name, *(significant(float(value)) for value in line))
        for name, line in zip(evidence.variables, shown, strict=True)
    )
    title = {"en": "Correlations", "nb": "Korrelasjoner"}
    if evidence.kind == "covariances":
        title = {"en": "Covariances", "nb": "Kovarianser"}
    return Block("matrix", title, columns, rows)


def _pairs(evidence: AssociationEvidence, shown: Floats, correlation: Floats, n: int) -> Block:
    """Each pair once, with the limits of its correlation (Fisher's z) and a test that it is 0."""
    rows: list[tuple[Value, ...]] = []
    for i, first in enumerate(evidence.variables):
        for j in range(i + 1, len(evidence.variables)):
            r = min(max(float(correlation[i, j]), -EXACT), EXACT)
            wide, z = 1.959963984540054 / math.sqrt(n - 3), math.atanh(r)
            t = r * math.sqrt((n - 2) / (1 - r * r))
            p = float(2 * stats.t.sf(abs(t), n - 2))
            limits = significant(math.tanh(z - wide)), significant(math.tanh(z + wide))
            value = significant(float(shown[i, j]))
            rows.append((first, evidence.variables[j], value, *limits, p_value(p)))
    label = {"en": "Value", "nb": "Verdi"}
    columns = (
        BlockColumn("variable", "text", _VARIABLE),
        BlockColumn("other", "text", _OTHER),
        BlockColumn("value", "number", label),
        BlockColumn("low", "number", {"en": "r, 95 % lower", "nb": "r, 95 % nedre"}),
        BlockColumn("high", "number", {"en": "r, 95 % upper", "nb": "r, 95 % øvre"}),
        BlockColumn("p", "number", {"en": "p", "nb": "p"}),
    )
    return Block("pairs", {"en": "Pairs", "nb": "Par"}, columns, tuple(rows))


def _components(variables: tuple[str, ...], correlation: Floats) -> tuple[Block, ...]:
    """Eigenvalues and loadings; the sign of each component makes its largest loading positive."""
    values, vectors = np.linalg.eigh(correlation)
    order = np.argsort(values)[::-1]
    values, vectors = values[order], vectors[:, order]
    largest = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[largest, np.arange(len(variables))])
    share = values / values.sum()
    explained = tuple(
        (f"PC{at + 1}", significant(float(v)), significant(float(s)), significant(float(c)))
        for at, (v, s, c) in enumerate(zip(values, share, np.cumsum(share), strict=True))
    )
    loadings = tuple(
        (name, *(significant(float(one)) for one in line))
        for name, line in zip(variables, vectors, strict=True)
    )
    names = [f"PC{at + 1}" for at in range(len(variables))]
    return (
        Block(
            "explained",
            {"en": "Explained variance", "nb": "Forklart varians"},
            (
                BlockColumn("component", "text", {"en": "Component", "nb": "Komponent"}),
                BlockColumn("eigenvalue", "number", {"en": "Eigenvalue", "nb": "Egenverdi"}),
                BlockColumn("share", "number", {"en": "Share", "nb": "Andel"}),
                BlockColumn("cumulative", "number", {"en": "Together", "nb": "Til sammen"}),
            ),
            explained,
        ),
        Block(
            "loadings",
            {"en": "Loadings", "nb": "Ladninger"},
            (
                BlockColumn("variable", "text", _VARIABLE),
                *(BlockColumn(one, "number", {"en": one, "nb": one}) for one in names),
            ),
            loadings,
        ),
    )


_SAID = {
    "variation": (
        "These do not vary in this cohort: {names}.",
        "Disse varierer ikke i denne kohorten: {names}.",
        "Leave them out.",
        "Utelat dem.",
    ),
    "rare": (
        "Fewer than {t} persons hold one of the few values of: {names}.",
        "Færre enn {t} personer har en av de få verdiene til: {names}.",
        "Leave the variable out, or widen the cohort.",
        "Utelat variabelen, eller gjør kohorten videre.",
    ),
    "outlying": (
        "One person makes up most of the spread of: {names}.",
        "Én person utgjør det meste av spredningen i: {names}.",
        "Cap the highest values: wb.when(x > 100).then(100).otherwise(x), say.",
        "Sett et tak på de høyeste verdiene: wb.when(x > 100).then(100).otherwise(x).",
    ),
    "few": (
        "For so many variables at least {t} persons are needed.",
        "For så mange variabler trengs minst {t} personer.",
        "Leave some of the variables out.",
        "Utelat noen av variablene.",
    ),
    "pair": (
        "Two yes/no variables have a combination of fewer than {t} persons: {names}.",
        "To ja/nei-variabler har en kombinasjon med færre enn {t} personer: {names}.",
        "Leave one of the two out.",
        "Utelat en av de to.",
    ),
    "close": (
        "These two are all but one and the same: {names}.",
        "Disse to er så å si én og samme: {names}.",
        "Leave one of the two out.",
        "Utelat en av de to.",
    ),
}


def _said(what: str, names: tuple[str, ...] | list[str], threshold: int = 0) -> Finding:
    en, nb, remedy, remedy_nb = (
        one.format(names=", ".join(names), t=threshold) for one in _SAID[what]
    )
    return Finding(
        "association", Severity.BLOCKING, {"en": en, "nb": nb}, {"en": remedy, "nb": remedy_nb}
    )


def _named(variables: tuple[str, ...], which: NDArray[np.bool_]) -> list[str]:
    return [one for one, true in zip(variables, which.tolist(), strict=True) if true]
