"""One question a kind of result, asked of the synthetic nation: what the picture book shows.

python -m tests.lib.picture_book            # draws the recorded answers anew
python -m tests.lib.picture_book --ask      # asks again first, of an engine over the nation
"""

import json
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import workbench.sdk as wb
from tests.lib.nation_world import nation_project
from workbench.sdk.frames import PersonFrame
from workbench.sdk.pictures import WITHOUT, picture_of
from workbench.sdk.project import Project
from workbench.sdk.release import Release

__all__ = ["ANSWERS", "BOOK", "QUESTIONS", "answer", "answers", "ask", "cohorts", "pages"]

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = ROOT / "tests" / "unit" / "sdk" / "answers"
BOOK = ROOT / "docs" / "reference"
HEAD = """# Pictures

Every release has a picture: `release.plot()` shows it, `release.plot("nb")` with Norwegian words,
`.save("figure.pdf")` writes it (also .svg, .png, .json), `.to_altair()` gives a chart to change. It
is drawn on the notebook's own machine from the released numbers, and from nothing else: what the
gate withheld is grey with a dot, or not there. Colours are those of Okabe and Ito; groups differ in
dashes, shape or place too, so that a picture reads in grey. A description in words comes along for
readers who do not see it (`release.plot().described`).

These are of the [synthetic nation](nation.md), 20,000 persons. `python -m tests.lib.picture_book`
draws them anew, with `--ask` after asking an engine again; a test says when they are stale.
"""
START = "2014-01-01"
YEARS: dict[str, Any] = {"times": [182 * half for half in range(1, 21)]}

Cohorts = Mapping[str, PersonFrame]
QUESTIONS: dict[str, Callable[[Cohorts], Release]] = {
    "crosstab": lambda of: of["adults"].crosstab("age_group", "education"),
    "count": lambda of: of["adults"].count(by="age_group"),
    "dp_count": lambda of: of["adults"].count(by="age_group", dp=wb.dp(rho="1/500")),
    "dp_crosstab": lambda of: of["adults"].crosstab(
        "age_group", "sex", margins=False, dp=wb.dp(rho="1/200")
    ),
    "dp_histogram": lambda of: of["births"].histogram("birth_weight", dp=wb.dp(rho="1/500")),
    "dp_keys": lambda of: of["dead"].top_codes("cause", characters=3, dp=wb.dp(rho="1/20")),
    "dp_totals": lambda of: of["adults"].totals(
        "stays", by="age_group", dp=wb.dp(rho="1/50"), bounds=(0, 10)
    ),
    "dp_describe": lambda of: of["births"].describe(
        "birth_weight", by="mother_smoking", dp=wb.dp(rho="1/50"), bounds=(500, 6000)
    ),
    "dp_quantiles": lambda of: of["births"].quantiles(
        "birth_weight", at=[0.1, 0.25, 0.5, 0.75, 0.9], dp=wb.dp(rho="1/50"), bounds=(500, 6000)
    ),
    "dp_regression": lambda of: of["births"].ols(
        "birth_weight ~ gestation_weeks + mother_age + smoker",
        dp=wb.dp(rho="1/2"),
        bounds={"birth_weight": (500, 6000), "gestation_weeks": (22, 44), "mother_age": (15, 50)},
    ),
    "describe": lambda of: of["adults"].describe("age", by=["education", "sex"]),
    "histogram": lambda of: of["births"].histogram("birth_weight", by="smoker"),
    "density": lambda of: of["adults"].density(
        "income", by="sex", edges=range(0, 1_500_001, 50_000)
    ),
    "heatmap": lambda of: of["births"].heatmap("gestation_weeks", "birth_weight"),
    "proportion": lambda of: of["adults"].proportion("died", by=["age_group", "sex"]),
    "shares": lambda of: of["adults"].shares("age_group", "education"),
    "chi_squared": lambda of: of["adults"].chi_squared("sex", "died"),
    "mean_test": lambda of: of["births"].anova("birth_weight", by="mother_smoking"),
    "rank_test": lambda of: of["births"].rank_test("birth_weight", by="mother_smoking"),
    "correlations": lambda of: of["births"].correlate(
        "birth_weight", "gestation_weeks", "mother_age", "parity"
    ),
    "covariances": lambda of: of["births"].covariance("gestation_weeks", "mother_age", "parity"),
    "components": lambda of: of["births"].pca(
        "birth_weight", "gestation_weeks", "mother_age", "parity"
    ),
    "clusters": lambda of: of["births"].k_means("birth_weight", "gestation_weeks", "mother_age"),
    "kaplan_meier": lambda of: of["old"].kaplan_meier("days", "died", by="sex", **YEARS),
    "nelson_aalen": lambda of: of["old"].nelson_aalen("days", "died", by="sex", **YEARS),
    "cumulative_incidence": lambda of: of["old"].cumulative_incidence(
        "days", "ended", by="sex", censored="other", **YEARS
    ),
    "life_table": lambda of: of["old"].life_table("days", "died", by="sex"),
    "restricted_mean": lambda of: of["old"].restricted_mean(
        "days", "died", by="age_group", until=1826
    ),
    "log_rank": lambda of: of["old"].logrank("days", "died", by="age_group"),
    "quantiles": lambda of: of["adults"].quantiles(
        "income", by=["education", "sex"], at=[0.1, 0.25, 0.5, 0.75, 0.9]
    ),
    "summary": lambda of: of["adults"].summary("income", by="education"),
    "concentration": lambda of: of["adults"].lorenz("income", by="sex"),
    "rates": lambda of: of["adults"].standardised_rate(
        "died", "days", by="education", age="age", ages=[20, 50, 60, 70, 80]
    ),
    "nested_models": lambda of: of["adults"].compare_models(
        "died ~ age + sex + education", "died ~ age + sex", family="binomial"
    ),
    "boxplot": lambda of: of["adults"].boxplot("income", by="education"),
    "totals": lambda of: of["adults"].totals("stays", by="age_group"),
    "ratio": lambda of: of["adults"].ratio("bed_days", "stays", by="age_group"),
    "missingness": lambda of: of["adults"].missing(["education", "income"], by="age_group"),
    "trend": lambda of: of["births"].trend("birth_date", 2000, 2023, of="smoker"),
    "life_course": lambda of: of["adults"].life_course(
        "birth_date", "status_date", ages=[30, 40, 50, 60, 70, 80, 90], by="sex"
    ),
    "top_codes": lambda of: of["dead"].top_codes("cause"),
    "cox": lambda of: of["old"].cox("days", "died", "age + sex + education"),
    "regression": lambda of: of["adults"].logit("died ~ rcs(age, [40, 60, 80]) + sex + education"),
}
"""Kind of result -> how it comes about."""


def cohorts(p: Project) -> Cohorts:
    """The persons that the questions are about."""
    population, births = p["population"], p["mfr_birth"]
    heart = p["dar_death"].filter(p["dar_death"].cause.str.starts_with("I")).exists()
    stays = p["npr_episode"].filter(p["npr_episode"].care_level == "inpatient")
    died = population.status == "dead"
    everybody = population.with_columns(
        age=population.age_at(START),
        age_group=population.age_at(START).bins([40, 60, 70, 80]),
        died=died,
        ended=wb.when(died & heart)
        .then("heart and vessels")
        .when(died)
        .then("other causes")
        .otherwise("other"),
        days=population.status_date.dt.days_since(START),
        stays=stays.count(),
        bed_days=stays.sum("los"),
    )
    adults = everybody.filter(everybody.age >= 18)
    return {
        "adults": adults,
        "dead": p["dar_death"],
        "old": adults.filter(adults.age >= 60),
        "births": births.with_columns(smoker=births.mother_smoking == "daily"),
    }


def answers() -> dict[str, Any]:
    """The bodies of the recorded answers, by the name of their question."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(ANSWERS.glob("*.json"))
    }


def answer(name: str) -> dict[str, Any]:
    """The body of the answer to a question, of an engine over the nation.

    Each has a project of its own: what is released of one would bear on what may be of the next.
    """
    with tempfile.TemporaryDirectory() as folder, nation_project(Path(folder)) as project:
        body: dict[str, Any] = json.loads(json.dumps(QUESTIONS[name](cohorts(project))._body))
    return body


def ask(names: list[str]) -> None:
    """Ask the questions anew and record the bodies of the answers."""
    ANSWERS.mkdir(exist_ok=True)
    for name in names or QUESTIONS:
        place = ANSWERS / f"{name}.json"
        place.write_text(json.dumps(answer(name), ensure_ascii=False) + "\n", "utf-8")


def same_ids(svg: str) -> str:
    """The drawing with the identifiers of its gradients counted from 0, not from the last one."""
    names = list(dict.fromkeys(re.findall(r"gradient_\w+", svg)))
    for at, name in enumerate(names):
        svg = svg.replace(name, f"gradient-{at}")
    return svg


@cache
def pages() -> dict[Path, str]:
    """The page and its drawings by path, drawn from the recorded answers."""
    recorded = answers()
    drawn = {
        BOOK / "pictures" / f"{name}.svg": same_ids(picture_of(body).svg) + "\n"
        for name, body in recorded.items()
        if name not in WITHOUT
    }
    sections = [
        f"## `{name}`\n{recorded[name]['explained']}\n\n"
        f"![{name}: {recorded[name]['explained'][:60]}…](pictures/{name}.svg)"
        for name in QUESTIONS
        if name not in WITHOUT
    ]
    without = "\n".join(f"- `{name}`: {why}" for name, why in WITHOUT.items())
    page = f"{HEAD}\n" + "\n\n".join(sections) + f"\n\n## Without a picture\n{without}\n"
    return {BOOK / "pictures.md": page, **drawn}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ask"]:
        ask(sys.argv[2:])
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
