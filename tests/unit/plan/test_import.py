"""Importing the language is quick and small: a kind's schema is made when it is first needed."""

import subprocess
import sys

LOOK = """
from typing import get_args
from workbench.plan import nodes

kinds = [kind for union in (nodes.Expression, nodes.Frame, nodes.Analysis)
         for kind in get_args(get_args(union)[0])]
print(sum(kind.__pydantic_complete__ for kind in kinds))
nodes.Dataset(name="person")
nodes.Exists(frame=nodes.Dataset(name="person"))
print(nodes.Exists.__pydantic_complete__, nodes.Cox.__pydantic_complete__)
"""


def test_no_kind_of_node_has_its_schema_made_before_one_is() -> None:
    ran = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert ran.stdout.splitlines() == ["0", "True False"]
