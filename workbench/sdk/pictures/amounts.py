"""How much there is, and where it lies: totals, ratios, quantiles, boxes, frequent codes."""

from typing import Any

from workbench.sdk.pictures.drawing import draws
from workbench.sdk.pictures.forest import forest, group_of, line
from workbench.sdk.pictures.grids import grid
from workbench.sdk.pictures.palette import COLOURS
from workbench.sdk.pictures.reading import Reading

__all__: list[str] = []

Spec = dict[str, Any]


@draws("totals")
def _totals(reading: Reading) -> Spec:
    """Means with their limits: what a person has of the sum."""
    rows = [
        line(group_of(reading, row, reading.coded("totals")), row["mean"], row["low"], row["high"])
        for row in reading.block("totals")
    ]
    variable = reading.title(str(reading.body["variable"]))
    return forest(rows, f"{variable}: {reading.word('mean_limits')}")


@draws("dp_totals", "dp_describe")
def _noisy_means(reading: Reading) -> Spec:
    """Means with the limits that the noise leaves."""
    block = "totals" if reading.kind == "dp_totals" else "described"
    rows = [
        line(
            group_of(reading, row, reading.coded(block)),
            row["mean"],
            row["mean_low"],
            row["mean_high"],
        )
        for row in reading.block(block)
        if row["mean"] is not None
    ]
    variable = reading.title(str(reading.body["variable"]))
    return forest(rows, f"{variable}: {reading.word('mean_noise')}")


@draws("dp_quantiles")
def _noisy_quantiles(reading: Reading) -> Spec:
    """Each quantile with the limits that the noise leaves."""
    rows = []
    for row in reading.block("quantiles"):
        if row["value"] is not None:
            groups = [*reading.coded("quantiles"), "quantile"]
            told = group_of(reading, row, groups)
            rows.append(line(told, row["value"], row["low"], row["high"]))
    return forest(rows, f"{reading.title(str(reading.body['variable']))}: "
                  f"{reading.word('quantile_noise')}")  # fmt: skip


@draws("ratio")
def _ratios(reading: Reading) -> Spec:
    rows = [
        line(group_of(reading, row, reading.coded("ratios")), row["ratio"], row["low"], row["high"])
        for row in reading.block("ratios")
    ]
    return forest(rows, reading.heading_of("ratios"))


@draws("quantiles", "summary")
def _quantiles(reading: Reading) -> Spec:
    names = [one for one in reading.body["statistics"] if one[1:].isdigit()]
    order = sorted(names, key=lambda name: int(name[1:]))
    rows = [
        {"label": group_of(reading, cell, list(reading.dimensions)),
         "values": [cell[name] for name in order if cell[name] is not None],
         "middle": cell.get("p50")}
        for cell in reading.cells()
    ]  # fmt: skip
    title = reading.title(str(reading.body["variable"]))
    return _boxes(rows, f"{title}: {', '.join(order)}")


@draws("boxplot")
def _boxplot(reading: Reading) -> Spec:
    names = ("p5", "p25", "p50", "p75", "p95")
    rows = [
        {"label": group_of(reading, row, reading.coded("boxes")),
         "values": [row[name] for name in names if row[name] is not None], "middle": row["p50"]}
        for row in reading.block("boxes")
    ]  # fmt: skip
    return _boxes(rows, f"{reading.title(str(reading.body['variable']))}: {', '.join(names)}")


def _boxes(rows: list[dict[str, Any]], title: str) -> Spec:
    """A line over all quantiles of a group, a box over the inner ones, a stroke at the median."""
    told = [
        {"label": row["label"], "low": row["values"][0], "high": row["values"][-1],
         "inner": row["values"][1], "outer": row["values"][-2]}
        for row in rows
        if len(row["values"]) >= 4
    ]  # fmt: skip
    plain = [
        {"label": row["label"], "inner": row["values"][0], "outer": row["values"][-1]}
        for row in rows
        if 1 < len(row["values"]) < 4
    ]
    middles = [row for row in rows if row["middle"] is not None]
    single = [
        {"label": row["label"], "value": row["values"][0]}
        for row in rows
        if len(row["values"]) == 1
    ]
    y: Spec = {"field": "label", "type": "nominal", "sort": [row["label"] for row in rows],
               "title": None, "axis": {"domain": False, "ticks": False, "labelLimit": 320,
                                       "labelPadding": 8, "grid": False}}  # fmt: skip
    x: Spec = {"type": "quantitative", "title": title, "scale": {"zero": False, "padding": 12},
               "axis": {"tickCount": 5, "labelOverlap": "greedy"}}  # fmt: skip
    box = {"type": "bar", "height": 14, "color": COLOURS[5]}
    ends = {"y": y, "x": x | {"field": "inner"}, "x2": {"field": "outer"}}
    layers: list[Spec] = [
        {
            "data": {"values": told},
            "mark": {"type": "rule", "strokeWidth": 2, "color": COLOURS[0]},
            "encoding": {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}},
        },
        {"data": {"values": told + plain}, "mark": box, "encoding": ends},
        {
            "data": {"values": middles},
            "mark": {"type": "tick", "thickness": 3, "size": 18, "color": COLOURS[6]},
            "encoding": {"y": y, "x": x | {"field": "middle"}},
        },
        {
            "data": {"values": single},
            "mark": {"type": "point", "filled": True, "size": 80, "color": COLOURS[0]},
            "encoding": {"y": y, "x": x | {"field": "value"}},
        },
    ]
    return {"width": 420, "height": {"step": 28}, "layer": layers}


@draws("missingness")
def _missing(reading: Reading) -> Spec:
    groups = reading.coded("missing")
    cells = [
        {"row": group_of(reading, row, groups), "column": reading.title(str(row["variable"])),
         "value": row["percent"],
         "told": None if row["percent"] is None else f"{row['percent']:.1f}"}
        for row in reading.block("missing")
    ]  # fmt: skip
    orders = [list(dict.fromkeys(str(one[which]) for one in cells)) for which in ("row", "column")]
    title = ", ".join(reading.title(one) for one in groups)
    top = max((one["value"] for one in cells if one["value"] is not None), default=0.0)
    legend = reading.heading("missing", "percent")
    return grid(cells, (orders[0], orders[1]), (title, ""), legend, [0.0, top or 1.0])


@draws("top_codes", "dp_keys")
def _frequent(reading: Reading) -> Spec:
    name = str(reading.body["variable"]) if reading.kind == "dp_keys" else reading.coded("top")[0]
    near = (reading.body.get("noise") or {}).get("accuracy_95")
    wide = "" if near is None else f" ± {near:g}"
    rows = [
        {"label": row[name], "persons": row["persons"], "told": f"{row['persons']:,}{wide}"}
        for row in reading.block("top")
        if row["persons"] is not None
    ]
    y: Spec = {"field": "label", "type": "nominal", "sort": [row["label"] for row in rows],
               "title": None, "axis": {"labelLimit": 320, "grid": False}}  # fmt: skip
    x: Spec = {"field": "persons", "type": "quantitative", "title": reading.word("persons"),
               "axis": {"tickCount": 5}}  # fmt: skip
    return {
        "width": 380,
        "height": {"step": 26},
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "bar", "color": COLOURS[0]}, "encoding": {"y": y, "x": x}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12},
                "encoding": {"y": y, "x": x, "text": {"field": "told"}},
            },
        ],
    }
