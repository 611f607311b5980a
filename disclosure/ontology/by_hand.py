"""Analyses that an officer decides about, and those that are not released at all."""

from disclosure.ontology.analysis import Analysis, officer, refused

__all__ = ["BY_HAND"]

_CORR, _TEST = "CorrelationCoefficients", "StatisticalHypothesisTests"
_ENDPOINTS = "Endpoints"

BY_HAND: tuple[Analysis, ...] = (
    officer("FriedmanTest", _TEST,
            "Ranks within each person are not computed by the engine, so nobody has evidence of "
            "how few persons decide them.",
            "Rangering innen hver person beregnes ikke av motoren, så ingen har belegg for hvor få "
            "personer som avgjør den."),
    officer("KendallsRank", _CORR,
            "It compares every pair of persons, which no sum over persons tells. Of two ordered "
            "categories it follows from their cross table.",
            "Den sammenligner alle par av personer, noe ingen sum over personer forteller. For to "
            "ordnede kategorier følger den av krysstabellen."),
    officer("Kolmogorov-SmirnovTest", _TEST,
            "The statistic is attained at the value of a single person.",
            "Testobservatoren nås ved verdien til én enkelt person."),
    officer("LongitudinalEstimation", _CORR,
            "Models with many rows a person are not computed: persons' own effects could be worked "
            "out of their estimates.",
            "Modeller med mange rader per person beregnes ikke: personers egne effekter kunne "
            "regnes ut av estimatene."),
    officer("Mancova", _CORR,
            "Several outcomes with covariates are not computed; one outcome at a time is.",
            "Flere utfall med kovariater beregnes ikke; ett utfall om gangen gjør det."),
    officer("MultinomialLogit", _CORR,
            "Not computed: events of every category at every level would have to be enough.",
            "Beregnes ikke: hendelser i hver kategori på hvert nivå måtte være mange nok."),
    officer("PanelDataModels", _CORR,
            "Effects of persons or institutions are estimates about single ones.",
            "Effekter av personer eller institusjoner er estimater om enkelte av dem."),
    officer("ThreeStageLeastSquares", _CORR,
            "Not computed: systems of equations have residuals of each person in their weights.",
            "Beregnes ikke: ligningssystemer har hver persons residualer i vektene."),
    officer("TwoStageLeastSquares", _CORR,
            "Not computed: the support of an instrument's groups has no rule yet.",
            "Beregnes ikke: grunnlaget for instrumentets grupper har ennå ingen regel."),
    officer("WilcoxonSignedRankTest", _TEST,
            "Ranks of differences within persons are not computed by the engine.",
            "Rangering av differanser innen personer beregnes ikke av motoren."),
    refused("MahalanobisDistance", "Shape",
            "A number about each single person.",
            "Et tall om hver enkelt person.",
            "covariances describe"),
    refused("Maximum", _ENDPOINTS,
            "The value of one person. Ask for a quantile, or state the contract's public range.",
            "Verdien til én person. Be om en kvantil, eller oppgi kontraktens offentlige område.",
            "quantiles"),
    refused("Minimum", _ENDPOINTS,
            "The value of one person. Ask for a quantile, or state the contract's public range.",
            "Verdien til én person. Be om en kvantil, eller oppgi kontraktens offentlige område.",
            "quantiles"),
    refused("Range", _ENDPOINTS,
            "The difference of the values of two persons. Ask for the distance of two quantiles.",
            "Differansen mellom verdiene til to personer. Be om avstanden mellom to kvantiler.",
            "quantiles"),
    refused("ScatterGraph", "Frequencies",
            "A mark for each person. Ask for a heat map: persons in intervals of both numbers.",
            "Et merke for hver person. Be om et varmekart: personer i intervaller av begge tall.",
            "heatmap"),
)  # fmt: skip
