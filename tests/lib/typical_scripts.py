"""What people write: short analyses of the demo's view, each in its author's habit.

Each runs after PRELUDE in names of its own. They are here to end alike on the twin and on the real
rows, well or not; what they compute is of no interest.
"""

import json

from kernels.cells import joined

__all__ = ["SCRIPTS", "notebook_of"]

PRELUDE = """\
import numpy as np
import pandas as pd
import polars as pl
import workbench.sdk as wb
person = wb.scan("nafld_person").collect()
lab = wb.scan("nafld_measurement").collect()
dx = wb.scan("nafld_diagnosis").collect()
people, labs, diagnoses = person.to_pandas(), lab.to_pandas(), dx.to_pandas()
"""

SCRIPTS = {
    "count by sex": "people.groupby('sex').size().loc[['female', 'male']]",
    "mean and spread by groups": "people.groupby(['sex', 'status']).bmi.agg(['mean', 'std'])",
    "age groups": "pd.cut(people.age, [18, 40, 60, 110], right=False).value_counts(sort=False)",
    "crosstab with shares": "pd.crosstab(people.sex, people.status, normalize='index')['dead']",
    "pivot table": "labs.pivot_table('value', '_person', 'test', 'median')[['hdl', 'fib4']]",
    "wide by pivot without aggregation": "lab.pivot('test', index='_person', values='value')",
    "diagnosis once a person and day": (
        "diagnoses.set_index(['_person', 'days', 'event'], verify_integrity=True)"
    ),
    "one row a person": "people.set_index('_person', verify_integrity=True)",
    "validated join": "labs.merge(people, on='_person', how='left', validate='many_to_one')",
    "inner join keeps ages whole": (
        "labs.merge(people, on='_person', how='inner').age.astype(int)"
    ),
    "left join and whole numbers": "labs.merge(people, on='_person', how='left').age.astype(int)",
    "persons without a diagnosis": (
        "person.join(dx, on='_person', how='anti').select(pl.len()).item() / len(person)"
    ),
    "first diagnosis": (
        "first = dx.sort('days').group_by('_person', maintain_order=True).first()\n"
        "person.join(first, on='_person', how='left')['event'].fill_null('none').value_counts()"
    ),
    "array indexed by person": "np.bincount(labs['_person'])",
    "codes of persons": "people['_person'].rank(method='dense').astype(int).max()",
    "days to dates": (
        "labs['date'] = pd.Timestamp('2005-01-01') + pd.to_timedelta(labs.days, unit='D')\n"
        "labs.groupby(labs.date.dt.year).value.median()"
    ),
    "polars dates": (
        "when = pl.date(2005, 1, 1) + pl.duration(days='days')\n"
        "lab.group_by(when.dt.year().alias('year')).agg(pl.col('value').mean()).sort('year')"
    ),
    "resampled by month": (
        "labs.index = pd.Timestamp('2005-01-01') + pd.to_timedelta(labs.days, unit='D')\n"
        "labs.value.resample('MS').count()"
    ),
    "missing values counted": "assert people.isna().mean()['age'] == 0",
    "missing values filled": "people.bmi.fillna(people.groupby('sex').bmi.transform('mean')).sum()",
    "rows without missing values": "people.dropna().describe().loc['count', 'bmi'] / len(people)",
    "missing values to whole numbers": "people.weight.astype(int)",
    "nullable whole numbers": "people.weight.round().astype('Int64').sum()",
    "text upper and sliced": "people.sex.str.upper().str[:1].value_counts()[['F', 'M']]",
    "text matched": "diagnoses[diagnoses.event.str.contains('diab')].days.median()",
    "mapped codes": "people.sex.map({'female': 0, 'male': 1}).astype(int).mean()",
    "strict replacement": "person['status'].replace_strict({'alive': 0, 'dead': 1})",
    "category": "people.sex.astype('category').cat.codes.max()",
    "dummies": "pd.get_dummies(people[['sex', 'status']], drop_first=True)['sex_male'].sum()",
    "t test": (
        "from scipy import stats\n"
        "known = people.dropna(subset=['bmi'])\n"
        "stats.ttest_ind(*(g.bmi for _, g in known.groupby('sex')), equal_var=False)"
    ),
    "chi square": (
        "from scipy import stats\n"
        "stats.chi2_contingency(pd.crosstab(people.sex, people.status))"
    ),
    "logistic regression by formula": (
        "import statsmodels.formula.api as smf\n"
        "people['dead'] = (people.status == 'dead').astype(int)\n"
        "smf.logit('dead ~ age + C(sex)', people).fit(disp=0).params['C(sex)[T.male]']"
    ),
    "linear regression": (
        "import statsmodels.api as sm\n"
        "known = people.dropna()\n"
        "sm.OLS(known.bmi, sm.add_constant(known[['age', 'weight']])).fit().summary()"
    ),
    "Kaplan-Meier": (
        "from lifelines import KaplanMeierFitter\n"
        "dead = people.status == 'dead'\n"
        "KaplanMeierFitter().fit(people.followup_days, dead).median_survival_time_"
    ),
    "Cox regression": (
        "from lifelines import CoxPHFitter\n"
        "data = people[['followup_days', 'age', 'bmi']].dropna()\n"
        "data['dead'] = people.status == 'dead'\n"
        "sample = data.sample(900, random_state=1)\n"
        "CoxPHFitter().fit(sample, 'followup_days', 'dead').hazard_ratios_"
    ),
    "log-rank test": (
        "from lifelines.statistics import logrank_test\n"
        "a, b = (people[people.sex == sex] for sex in ('female', 'male'))\n"
        "logrank_test(a.followup_days, b.followup_days, a.status == 'dead', b.status == 'dead')"
    ),
    "classifier": (
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.impute import SimpleImputer\n"
        "from sklearn.preprocessing import StandardScaler\n"
        "steps = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())\n"
        "known = people[['age', 'bmi', 'weight']]\n"
        "steps.fit(known, people.status).score(known, people.status)"
    ),
    "histogram to a file": (
        "import matplotlib.pyplot as plt\n"
        "people.bmi.hist(by=people.sex)\n"
        "plt.savefig('/tmp/figure.png')\nplt.close('all')"
    ),
    "box plot": (
        "import seaborn as sns\nimport matplotlib.pyplot as plt\n"
        "sns.boxplot(people, x='sex', y='age')\nplt.close('all')"
    ),
    "chart": (
        "import altair as alt\n"
        "means = people.groupby('sex', as_index=False).age.mean()\n"
        "alt.Chart(means).mark_bar().encode(x='sex', y='age').to_json()"
    ),
    "workbook": "people.groupby('sex').age.describe().to_excel('/tmp/table.xlsx')",
    "last before an index day": (
        "before = labs[(labs.test == 'chol') & (labs.days <= 0)].sort_values('days')\n"
        "before.groupby('_person').tail(1).set_index('_person', verify_integrity=True)"
    ),
    "nearest measurement": (
        "a = dx.filter(pl.col('event') == 'diabetes').sort('days')\n"
        "b = lab.filter(pl.col('test') == 'hdl').sort('days')\n"
        "a.join_asof(b, on='days', by='_person', strategy='nearest')['value'].null_count()"
    ),
    "rolling mean": (
        "lab.sort('_person', 'days').with_columns(\n"
        "    pl.col('value').rolling_mean(3).over('_person', 'test').alias('smooth'))"
    ),
    "quantiles": "person['age'].qcut(5, allow_duplicates=True).value_counts()",
    "logarithm of a value": "np.log(labs.value.where(labs.value > 0)).describe()",
    "assertion of a plausible range": "assert people.age.between(18, 110).all()",
    "a column that is not there": "people['birth_year']",
    "a mistyped method": "people.groupby('sex').meen()",
}  # fmt: skip

_LOOP = """\
outcomes, base = {}, {}
exec(PRELUDE, base)
for name, script in SCRIPTS.items():
    own = {key: base[key].copy() for key in ("people", "labs", "diagnoses")}
    try:
        exec(script, base | own)
        outcomes[name] = "ok"
    except Exception as error:
        outcomes[name] = type(error).__name__
"""


def notebook_of(place: str) -> str:
    """A run that tries each script and writes {name: "ok" or the error's class} to `place`."""
    texts = json.dumps(SCRIPTS, indent=0)
    return joined(
        [
            "import json, warnings\nwarnings.simplefilter('ignore')",
            f"SCRIPTS = {texts}\nPRELUDE = {PRELUDE!r}",
            _LOOP,
            f"with open({place!r}, 'w') as file:\n    file.write(json.dumps(outcomes))",
        ]
    )
