"""What is made of a node once is its own, even where Python finds two nodes equal."""

from workbench.plan import nodes
from workbench.sdk.compile import memory
from workbench.sdk.compile.memory import once


def test_equal_constants_of_two_types_are_made_apart() -> None:
    whole, truth = nodes.Value(value=1), nodes.Value(value=True)
    assert whole == truth, "to Python"

    kind = once(lambda node: type(node.value).__name__)

    assert (kind(whole), kind(truth), kind(whole)) == ("int", "bool", "int")


def test_a_node_is_made_once_until_there_are_too_many() -> None:
    made = []
    note = once(made.append)
    first = nodes.Value(value=0)

    note(first)
    note(first)
    assert len(made) == 1
    for number in range(memory.MOST):
        note(nodes.Value(value=number))
    note(first)
    assert len(made) == memory.MOST + 2
