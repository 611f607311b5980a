"""ONNX models: what they compute, how many numbers they hold, and what else lies in them.

Read by plain Python as far as needed to list operations, numbers and texts. Field numbers:
onnx/onnx, onnx.proto3.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from disclosure.freeform.protobuf import fields

__all__ = ["ALLOWED", "INSTANCES", "TREES", "Model", "read_model"]

TREES = frozenset({"TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble"})
INSTANCES = frozenset({"SVMClassifier", "SVMRegressor", "CDist", "TopK", "NonMaxSuppression"})
"""Operations of models that keep persons' values: support vectors, distances to neighbours."""
ALLOWED = TREES | frozenset(
    {
        "Abs", "Add", "ArgMax", "ArrayFeatureExtractor", "AveragePool", "BatchNormalization",
        "Binarizer", "Cast", "CastMap", "CategoryMapper", "Clip", "Concat", "Constant", "Conv",
        "DictVectorizer", "Div", "Dropout", "Elu", "Equal", "Erf", "Exp", "FeatureVectorizer",
        "Flatten", "Gelu", "Gemm", "GlobalAveragePool", "Greater", "Identity", "Imputer",
        "LabelEncoder", "LayerNormalization", "LeakyRelu", "Less", "LinearClassifier",
        "LinearRegressor", "Log", "LogSoftmax", "MatMul", "Max", "MaxPool", "Min", "Mul", "Neg",
        "Normalizer", "OneHotEncoder", "Pow", "Reciprocal", "ReduceMean", "ReduceSum", "Relu",
        "Reshape", "Scaler", "Shape", "Sigmoid", "Slice", "Softmax", "Sqrt", "Squeeze", "Sub",
        "Tanh", "Transpose", "Unsqueeze", "Where", "ZipMap",
    }
)  # fmt: skip
DEPTH = 8
_GRAPH, _DOC, _METADATA, _TRAINING, _FUNCTIONS = 7, 6, 14, 20, 25
_NODE, _INITIAL, _GRAPH_DOC, _SPARSE = 1, 5, 10, 15


@dataclass
class Model:
    """operations by name; numbers: weights and thresholds; texts: every text that a user can
    choose; extra: documentation, metadata, functions, training and outside files, by kind."""

    operations: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    texts: list[str] = field(default_factory=list)
    extra: Counter[str] = field(default_factory=Counter)


def read_model(content: bytes) -> Model:
    """What lies in a model; ValueError where it is none."""
    model = Model()
    graphs = 0
    for number, value in fields(content):
        if number == _GRAPH and isinstance(value, bytes):
            graphs += 1
            _graph(value, model, 0)
        elif number in (_METADATA, _TRAINING, _FUNCTIONS) or (number == _DOC and value):
            model.extra["metadata"] += 1
        elif number > _FUNCTIONS:
            model.extra["unknown"] += 1
        elif isinstance(value, bytes) and number in (2, 3, 4):
            model.texts.append(_text(value))
    if graphs != 1 or not model.operations:
        raise ValueError("no model")
    return model


def _graph(data: bytes, model: Model, depth: int) -> None:
    if depth > DEPTH:
        raise ValueError("too deep")
    for number, value in fields(data):
        if not isinstance(value, bytes):
            continue
        if number == _NODE:
            _node(value, model, depth)
        elif number == _INITIAL:
            _tensor(value, model)
        elif number == _SPARSE or (number == _GRAPH_DOC and value):
            model.extra["metadata"] += 1
        elif number == 2:
            model.texts.append(_text(value))
        else:
            model.texts += [_text(one) for one in _names(value)]


def _names(data: bytes) -> Iterator[bytes]:
    """Names of inputs and outputs."""
    yield from (value for number, value in fields(data) if number == 1 and isinstance(value, bytes))


def _node(data: bytes, model: Model, depth: int) -> None:
    for number, value in fields(data):
        if not isinstance(value, bytes):
            continue
        if number == 4:
            model.operations[_text(value)[:40]] += 1
        elif number == 5:
            _attribute(value, model, depth)
        elif number == 6 and value:
            model.extra["metadata"] += 1
        else:
            model.texts.append(_text(value))


def _attribute(data: bytes, model: Model, depth: int) -> None:
    for number, value in fields(data):
        if number in (2, 3):
            model.numbers += 1
        elif number in (7, 8):
            # Packed: floats of four bytes; whole numbers of at least one.
            held = len(value) if isinstance(value, bytes) else 1
            model.numbers += max(1, held // 4 if number == 7 else held)
        elif not isinstance(value, bytes):
            continue
        elif number in (1, 4, 9):
            model.texts.append(_text(value))
        elif number in (5, 10):
            _tensor(value, model)
        elif number in (6, 11):
            _graph(value, model, depth + 1)


def _tensor(data: bytes, model: Model) -> None:
    sizes = {4: 4, 5: 1, 7: 1, 9: 1, 10: 8, 11: 1}
    kind = next((value for number, value in fields(data) if number == 2), 1)
    width = {1: 4, 6: 4, 7: 8, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}.get(int.from_bytes(
        kind, "little") if isinstance(kind, bytes) else kind, 1)  # fmt: skip
    for number, value in fields(data):
        if number == 13:
            model.extra["outside"] += 1
        elif number == 12 and value:
            model.extra["metadata"] += 1
        elif not isinstance(value, bytes):
            continue
        elif number in (6, 8):
            model.texts.append(_text(value))
        elif number in sizes:
            model.numbers += len(value) // (width if number == 9 else sizes[number])


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
