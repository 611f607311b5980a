"""ATC: the anatomical main groups and the therapeutic subgroups of medicines.

Source: WHO Collaborating Centre for Drug Statistics Methodology, ATC index, levels 1 and 2.
"""

from collections.abc import Mapping

from workbench.plan.schema import Labels

__all__ = ["MAIN_GROUPS", "SUBGROUPS"]

_MAIN = """
A|Alimentary tract and metabolism|Fordøyelsesorganer og stoffskifte
B|Blood and blood-forming organs|Blod og bloddannende organer
C|Cardiovascular system|Hjerte og kretsløp
D|Dermatologicals|Dermatologiske midler
G|Genito-urinary system and sex hormones|Urogenitalsystem og kjønnshormoner
H|Systemic hormonal preparations|Hormoner til systemisk bruk
J|Antiinfectives for systemic use|Antiinfektiva til systemisk bruk
L|Antineoplastic and immunomodulating agents|Antineoplastiske og immunmodulerende midler
M|Musculo-skeletal system|Muskler og skjelett
N|Nervous system|Nervesystemet
P|Antiparasitic products|Antiparasittære midler
R|Respiratory system|Respirasjonsorganer
S|Sensory organs|Sanseorganer
V|Various|Varia
"""
MAIN_GROUPS: Mapping[str, Labels] = {
    code: {"en": f"{code} {english}", "nb": f"{code} {norwegian}"}
    for code, english, norwegian in (line.split("|") for line in _MAIN.split("\n") if line)
}
_HELD = {
    "A": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16",
    "B": "01 02 03 05 06",
    "C": "01 02 03 04 05 07 08 09 10",
    "D": "01 02 03 04 05 06 07 08 09 10 11",
    "G": "01 02 03 04",
    "H": "01 02 03 04 05",
    "J": "01 02 04 05 06 07",
    "L": "01 02 03 04",
    "M": "01 02 03 04 05 09",
    "N": "01 02 03 04 05 06 07",
    "P": "01 02 03",
    "R": "01 02 03 05 06 07",
    "S": "01 02 03",
    "V": "01 03 04 06 07 08 09 10 20",
}
SUBGROUPS: tuple[str, ...] = tuple(
    f"{main}{number}" for main, numbers in _HELD.items() for number in numbers.split()
)
