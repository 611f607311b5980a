"""Norwegian counties and health regions by the number of a municipality.

The first two digits of a municipality's number are its county's, in every year. Sources: Statistics
Norway, standard for counties (the divisions until 2017, of 2018, of 2020 and of 2024); the Health
Trust Act's regional trusts.
"""

from collections.abc import Mapping

from workbench.plan.schema import Labels

__all__ = ["COUNTIES", "HEALTH_REGIONS", "REGION_OF_COUNTY"]

_COUNTIES = """
01 Østfold|02 Akershus (–2019)|03 Oslo|04 Hedmark|05 Oppland|06 Buskerud (–2019)
07 Vestfold (–2019)|08 Telemark (–2019)|09 Aust-Agder|10 Vest-Agder|11 Rogaland|12 Hordaland
14 Sogn og Fjordane|15 Møre og Romsdal|16 Sør-Trøndelag|17 Nord-Trøndelag|18 Nordland
19 Troms (–2019)|20 Finnmark (–2019)|30 Viken|31 Østfold (2024)|32 Akershus|33 Buskerud
34 Innlandet|38 Vestfold og Telemark|39 Vestfold|40 Telemark|42 Agder|46 Vestland|50 Trøndelag
54 Troms og Finnmark|55 Troms|56 Finnmark
"""
COUNTIES: Mapping[str, Labels] = {
    one[:2]: {"nb": one, "en": one} for one in _COUNTIES.strip().replace("\n", "|").split("|")
}
_REGIONS = {
    "south_east": "01 02 03 04 05 06 07 08 09 10 30 31 32 33 34 38 39 40 42",
    "west": "11 12 14 46",
    "central": "15 16 17 50",
    "north": "18 19 20 54 55 56",
}
REGION_OF_COUNTY: Mapping[str, str] = {
    county: region for region, counties in _REGIONS.items() for county in counties.split()
}
HEALTH_REGIONS: Mapping[str, Labels] = {
    "south_east": {"en": "South-Eastern Norway", "nb": "Helse Sør-Øst"},
    "west": {"en": "Western Norway", "nb": "Helse Vest"},
    "central": {"en": "Central Norway", "nb": "Helse Midt-Norge"},
    "north": {"en": "Northern Norway", "nb": "Helse Nord"},
}
