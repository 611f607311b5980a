"""From a plan to a recorded, certified release, with real books, keys and gate."""

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from disclosure import certificate, verifier
from tests.lib.drawn import PERSON_FRAME, col
from tests.lib.engine_world import EVENT, World
from tests.lib.small_world import crosstab, small_view, younger_than
from workbench.domain.audit import What
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.plan import nodes

NOISY = nodes.DpCount(cohort=PERSON_FRAME, by=("sex",), rho="1/10")


def refused(world: World, analysis: Any, **who: str) -> Refusal:
    with pytest.raises(Refusal) as found:
        world.ask(analysis, **({"project": "alpha"} | who))
    return found.value


def test_a_table_is_released_with_its_true_counts(world: World) -> None:
    people = small_view().frames["person"]
    answer = world.ask(crosstab("sex", "vital"), "alpha")

    shown = {tuple(one["codes"]): one["values"]["n"] for one in answer["body"]["cells"]}
    counts = {
        (sex, str(vital).lower()): n
        for sex, vital, n in people.group_by("sex", "vital").len().rows()
    }
    assert {codes: shown[codes] for codes in counts} == counts
    assert shown["Σ", "Σ"] == people.height


def test_the_small_cell_of_region_three_is_withheld_with_another(world: World) -> None:
    answer = world.ask(crosstab("sex", "region"), "alpha")

    marks = {tuple(one["codes"]): one["mark"] for one in answer["body"]["cells"]}
    assert "primary" in marks.values()
    assert "complementary" in marks.values()
    assert all(
        value is None
        for one in answer["body"]["cells"]
        if one["mark"]
        for value in one["values"].values()
    )


def test_the_certificate_verifies_and_binds_the_body(world: World) -> None:
    answer = world.ask(crosstab("sex", "region"), "alpha")
    trusted = [world.keys.verify_key]

    statement = certificate.verify(answer["certificate"], trusted)
    report = verifier.check(answer["certificate"], trusted, answer["body"])

    assert statement.release == answer["release"]
    assert statement.data_versions == {"person": "1.0.0", "visit": "1.0.0"}
    assert report.body
    changed = json.loads(json.dumps(answer["body"]))
    changed["cells"][0]["values"]["n"] = 12345
    with pytest.raises(Exception, match="not what was signed"):
        verifier.check(answer["certificate"], trusted, changed)


def test_release_ledger_and_audit_event_are_recorded_together(world: World) -> None:
    answer = world.ask(crosstab("sex"), "alpha")

    (release,) = world.records.releases.of_project("alpha")
    (entry,) = world.records.releases.memberships("alpha")
    (event,) = world.audited(What.PLAN_RELEASE)
    assert release.id == entry.release == answer["release"]
    assert event.details["release"] == release.id
    assert event.details["variables"] == "person.sex"
    assert json.loads(release.plan)["analysis"]["k"] == "crosstab"


def test_the_same_question_is_answered_from_the_record(world: World) -> None:
    first = world.ask(crosstab("sex", "region"), "alpha")
    again = world.ask(crosstab("sex", "region"), "alpha", user="colleague")

    assert again["replayed"]
    assert not first["replayed"]
    assert (again["release"], again["body"]) == (first["release"], first["body"])
    assert len(world.records.releases.of_project("alpha")) == 1
    assert len(world.audited(What.PLAN_REPLAY)) == 1


def test_noise_is_charged_once_and_never_drawn_again(world: World) -> None:
    first = world.ask(NOISY, "alpha")
    again = world.ask(NOISY, "alpha")

    assert again["body"] == first["body"]
    assert world.records.releases.account("alpha").spent == Fraction(1, 10)
    assert first["body"]["noise"]["accuracy_95"] > 0
    assert certificate.verify(first["certificate"], [world.keys.verify_key]).kind == "noisy"


def test_noisy_counts_are_near_the_true_ones(world: World) -> None:
    answer = world.ask(NOISY, "alpha")
    true = dict(small_view().frames["person"].group_by("sex").len().rows())

    for cell in answer["body"]["cells"]:
        expected = true.get(cell["codes"][0], 0)
        assert abs(cell["values"]["n"] - expected) < 40
        assert cell["mark"] == "noisy"


def test_a_noisy_release_leaves_no_exact_ledger_entry(world: World) -> None:
    world.ask(NOISY, "alpha")

    assert world.records.releases.memberships("alpha") == ()


def test_what_the_account_cannot_carry_is_refused_before_any_noise(world: World) -> None:
    for by in ("sex", "region"):
        world.ask(nodes.DpCount(cohort=PERSON_FRAME, by=(by,), rho="1/4"), "alpha")

    assert refused(world, NOISY).code == "budget_exhausted"
    assert world.records.releases.account("alpha").spent == Fraction(1, 2)


def test_one_release_may_not_cost_more_than_the_policy_says(world: World) -> None:
    dear = nodes.DpCount(cohort=PERSON_FRAME, by=("sex",), rho="3/4")

    assert refused(world, dear).code == "rho_too_large"


def test_a_gate_refusal_tells_its_findings_and_is_audited(world: World) -> None:
    found = refused(world, crosstab("sex", cohort=younger_than(20)))

    assert found.code == "not_released"
    assert getattr(found, "findings", ())
    (event,) = world.audited(What.PLAN_REFUSE)
    assert event.details["code"] == "not_released"
    assert world.records.releases.of_project("alpha") == ()


@pytest.mark.parametrize(
    ("analysis", "code"),
    [
        ("not json", "malformed_plan"),
        ("[" * 70_000, "plan_too_large"),
        (crosstab("place"), "not_a_dimension"),
        (crosstab("income"), "outside_permit"),
    ],
)
def test_bad_plans_are_refused_and_audited(world: World, analysis: Any, code: str) -> None:
    assert refused(world, analysis).code == code
    assert world.audited(What.PLAN_REFUSE)[0].details["code"] == code


def test_strangers_and_other_days_are_refused(world: World) -> None:
    assert refused(world, crosstab("sex"), user="stranger").code == "not_permitted"
    assert refused(world, crosstab("sex"), project="beta").code == "no_permit"
    world.clock.at = datetime(2028, 1, 1, tzinfo=UTC)
    assert refused(world, crosstab("sex")).code == "not_permitted"


def test_a_suspended_permit_answers_not_even_from_the_record(world: World) -> None:
    world.ask(crosstab("sex"), "alpha")
    world.records.permits.set_state("alpha", PermitState.SUSPENDED, EVENT)

    assert refused(world, crosstab("sex")).code == "not_permitted"


def test_a_permit_that_lost_a_variable_closes_it_before_the_view_is_rebuilt(world: World) -> None:
    held = world.records.permits.find("alpha")
    assert held is not None
    fewer = tuple(
        one.model_copy(update={"variables": tuple(v for v in one.variables if v != "region")})
        for one in held.permit.datasets
    )
    world.records.permits.grant(held.permit.model_copy(update={"datasets": fewer}), EVENT)

    assert refused(world, crosstab("sex", "region")).code == "outside_permit"


def test_a_plan_that_was_stopped_leaves_nothing(world: World) -> None:
    import threading

    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Refusal) as found:
        world.engine.run(
            "alpha",
            "researcher",
            json.dumps({"analysis": {"k": "dp_count", "cohort": {"k": "dataset", "name": "person"},
                                     "rho": "1/10"}}),
            cancelled=stopped,
            progress=lambda done, total: None,
        )  # fmt: skip

    assert found.value.code == "cancelled"
    assert world.records.releases.account("alpha").spent == 0


def test_a_describe_is_over_the_persons_that_have_a_value(world: World) -> None:
    visits = nodes.Dataset(name="visit")
    cohort = nodes.Derive(
        frame=PERSON_FRAME,
        columns=(
            nodes.Derived(
                name="greatest", value=nodes.Reduce(op="max", frame=visits, value=col("value"))
            ),
        ),
    )
    answer = world.ask(nodes.Describe(cohort=cohort, variable="greatest"), "alpha")

    greatest = small_view().frames["visit"].group_by("person").max()["value"]
    (cell,) = answer["body"]["cells"]
    assert cell["values"]["n"] == greatest.len()
    assert cell["values"]["mean"] == pytest.approx(greatest.mean(), rel=0.02)
    assert cell["values"]["sd"] == pytest.approx(greatest.std(), rel=0.1)
