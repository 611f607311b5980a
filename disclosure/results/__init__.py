"""Results that are no plain tables: each family's rules, from its evidence to what may be shown."""

from disclosure.results.associations import AssociationEvidence
from disclosure.results.block import Block, BlockColumn, blocks_json
from disclosure.results.clusters import ClustersEvidence
from disclosure.results.comparisons import (
    GroupsEvidence,
    IndependenceEvidence,
    RanksEvidence,
)
from disclosure.results.evidence import ResultEvidence
from disclosure.results.gate import decide_result
from disclosure.results.group_test import LogRankEvidence, TestEvidence
from disclosure.results.judgement import Judgement, judge
from disclosure.results.life_table import LifeTableEvidence
from disclosure.results.missingness import MissingEvidence
from disclosure.results.regression import RegressionEvidence
from disclosure.results.restricted_mean import MeansEvidence
from disclosure.results.survival import CurveEvidence
from disclosure.results.top_codes import CodesEvidence

__all__ = [
    "AssociationEvidence",
    "Block",
    "BlockColumn",
    "ClustersEvidence",
    "CodesEvidence",
    "CurveEvidence",
    "GroupsEvidence",
    "IndependenceEvidence",
    "Judgement",
    "LifeTableEvidence",
    "LogRankEvidence",
    "MeansEvidence",
    "MissingEvidence",
    "RanksEvidence",
    "RegressionEvidence",
    "ResultEvidence",
    "TestEvidence",
    "blocks_json",
    "decide_result",
    "judge",
]
