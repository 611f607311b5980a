"""One spelling, one hash, the lineage and the plain words of a plan."""

from tests.lib.drawn import PERSON_FRAME, VISITS, col, compare, val
from workbench.plan import Plan, canonical, explain, lineage, nodes, parse, plan_hash, pruned

INSIDE = nodes.Filter(frame=VISITS, where=compare(col("kind"), "==", "in"))
COHORT = nodes.Filter(
    frame=nodes.Derive(
        frame=PERSON_FRAME,
        columns=(
            nodes.Derived(name="stays", value=nodes.CountRows(frame=INSIDE)),
            nodes.Derived(
                name="latest",
                value=nodes.Take(
                    which="last", frame=nodes.Sort(frame=INSIDE, by=("day",)), value=col("value")
                ),
            ),
            nodes.Derived(name="old", value=compare(col("age"), ">=", 60)),
        ),
    ),
    where=compare(col("stays"), ">", 1),
)
PLAN = Plan(analysis=nodes.Crosstab(cohort=COHORT, by=("sex", "old")))


def test_the_canonical_spelling_does_not_depend_on_the_order_of_fields() -> None:
    backwards = (
        b'{"v":1,"analysis":{"margins":true,"by":["sex"],"k":"crosstab",'
        b'"cohort":{"name":"person","k":"dataset"}}}'
    )
    forwards = (
        b'{"analysis":{"k":"crosstab","cohort":{"k":"dataset","name":"person"},"by":["sex"]}}'
    )

    assert canonical(parse(backwards)) == canonical(parse(forwards))


def test_the_hash_changes_with_every_constant() -> None:
    other = Plan(analysis=PLAN.analysis.model_copy(update={"margins": False}))

    assert plan_hash(PLAN) != plan_hash(other)
    assert plan_hash(PLAN) == plan_hash(parse(canonical(PLAN)))


def test_the_lineage_names_datasets_variables_and_filters() -> None:
    found = lineage(PLAN)

    assert found.datasets == ("person", "visit")
    assert found.variables == (
        "person.age", "person.sex", "visit.day", "visit.kind", "visit.value",
    )  # fmt: skip
    assert found.filters == ("visit: kind == “in”", "person: stays > 1")
    assert found.unit == "person"


def test_a_derived_name_is_no_variable_of_the_dataset() -> None:
    assert not {"person.stays", "person.old"} & set(lineage(PLAN).variables)


def test_unused_derived_variables_are_left_out_of_the_question() -> None:
    assert "visit.value" not in lineage(pruned(PLAN)).variables
    assert lineage(pruned(PLAN)).filters == lineage(PLAN).filters


def test_two_ways_to_the_same_question_have_one_hash() -> None:
    bare = Plan(analysis=nodes.Count(cohort=PERSON_FRAME))
    made = nodes.Derive(frame=PERSON_FRAME, columns=(nodes.Derived(name="unused", value=val(1)),))

    assert plan_hash(pruned(Plan(analysis=nodes.Count(cohort=made)))) == plan_hash(bare)


def test_a_plan_explains_itself_in_plain_words() -> None:
    assert explain(pruned(PLAN)) == (
        "Count the persons by sex and old with margins, among person with stays = the number of "
        "rows of visit where (kind == “in”), old = age >= 60 where (stays > 1)."
    )
