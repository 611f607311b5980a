"""What each validation rule says, in Norwegian and English; the same words offline and online.

Placeholders are counts, shares and names from the contract; there is none for a value.
"""

from typing import NamedTuple

__all__ = ["TEXTS", "Words"]


class Words(NamedTuple):
    """One rule: what was found, and what to do about it."""

    nb: str
    en: str
    remedy_nb: str
    remedy_en: str


TEXTS: dict[str, Words] = {
    # receive
    "empty_file": Words(
        "Filen er tom.",
        "The file is empty.",
        "Lag uttrekket på nytt.",
        "Make the extract again.",
    ),
    "no_rows": Words(
        "Filen har overskrifter, men ingen rader.",
        "The file has a header but no rows.",
        "Lag uttrekket på nytt.",
        "Make the extract again.",
    ),
    "unreadable_file": Words(
        "Filen kan ikke leses: den er avkortet, skadet eller av et annet format.",
        "The file cannot be read: it is cut short, damaged or of another format.",
        "Lag eller kopier filen på nytt, og se etter `format` under [file] i kontrakten.",
        "Make or copy the file again, and check `format` under [file] in the contract.",
    ),
    "wrong_encoding": Words(
        "{count} rader er ikke skrevet i tegnsettet {detail} som kontrakten sier.",
        "{count} rows are not written in {detail}, the encoding of the contract.",
        "Lagre filen i det tegnsettet, eller rett `encoding` under [file] i kontrakten.",
        "Save the file in that encoding, or correct `encoding` under [file] in the contract.",
    ),
    "ragged_rows": Words(
        "{count} rader har flere eller færre felt enn overskriften.",
        "{count} rows have more or fewer fields than the header.",
        "Se etter skilletegn inne i felt uten anførselstegn, og etter `delimiter` i kontrakten.",
        "Look for delimiters inside unquoted fields, and check `delimiter` in the contract.",
    ),
    "cut_off": Words(
        "Filen slutter midt i en rad.",
        "The file ends in the middle of a row.",
        "Filen er avkortet: lag eller kopier den på nytt.",
        "The file was cut short: make or copy it again.",
    ),
    "no_line_end": Words(
        "Siste rad mangler linjeslutt; filen kan være avkortet.",
        "The last row has no line end; the file may be cut short.",
        "Se at siste rad er hel. Programmer som skriver CSV, avslutter hver rad med linjeslutt.",
        "Check that the last row is whole. Programs that write CSV end every row with a line end.",
    ),
    # schema
    "missing_column": Words(
        "Kolonnen mangler i filen.",
        "The column is missing from the file.",
        "Ta den med i uttrekket, eller rett `column` i kontrakten.",
        "Include it in the extract, or correct `column` in the contract.",
    ),
    "unexpected_columns": Words(
        "{count} kolonner står ikke i kontrakten (plass {detail}).",
        "{count} columns are not in the contract (position {detail}).",
        "Fjern dem fra uttrekket, eller beskriv dem i kontrakten.",
        "Leave them out of the extract, or describe them in the contract.",
    ),
    "repeated_columns": Words(
        "{count} kolonner har samme overskrift som en annen (plass {detail}).",
        "{count} columns have the same header as another (position {detail}).",
        "Gi hver kolonne sin egen overskrift.",
        "Give each column a header of its own.",
    ),
    "wrong_column_type": Words(
        "Kolonnen har en type som ikke kan leses som {detail}.",
        "The column has a type that cannot be read as {detail}.",
        "Skriv kolonnen som {detail}.",
        "Write the column as {detail}.",
    ),
    # values
    "wrong_type": Words(
        "{count} verdier kan ikke leses som {detail}.",
        "{count} values cannot be read as {detail}.",
        "Rett dem, eller rett desimaltegn, datoformat eller `dataType` i kontrakten.",
        "Correct them, or the decimal sign, date format or `dataType` in the contract.",
    ),
    "missing_value": Words(
        "{count} verdier mangler, og kontrakten tillater det ikke.",
        "{count} values are missing, and the contract does not allow it.",
        "Fyll dem ut, eller sett `missing = {{allowed = true}}` i kontrakten.",
        "Fill them in, or set `missing = {{allowed = true}}` in the contract.",
    ),
    "below_minimum": Words(
        "{count} verdier ligger under kontraktens minste verdi, {detail}.",
        "{count} values lie below the minimum of the contract, {detail}.",
        "Rett dem, eller rett `min` i kontrakten.",
        "Correct them, or correct `min` in the contract.",
    ),
    "above_maximum": Words(
        "{count} verdier ligger over kontraktens største verdi, {detail}.",
        "{count} values lie above the maximum of the contract, {detail}.",
        "Rett dem, eller rett `max` i kontrakten.",
        "Correct them, or correct `max` in the contract.",
    ),
    "unknown_code": Words(
        "{count} verdier står ikke i kodelisten {detail}.",
        "{count} values are not in the code list {detail}.",
        "Rett dem, eller legg kodene til i codes/{detail}.csv.",
        "Correct them, or add the codes to codes/{detail}.csv.",
    ),
    "code_not_valid_then": Words(
        "{count} koder gjaldt ikke på radens egen dato ({detail}).",
        "{count} codes were not valid at the row's own date ({detail}).",
        "Bruk koden som gjaldt da, eller rett gyldigheten i kodelisten.",
        "Use the code that was valid then, or correct the validity in the code list.",
    ),
    "broken_rule": Words(
        "{count} rader bryter regelen `{detail}`.",
        "{count} rows break the rule `{detail}`.",
        "Rett radene, eller rett regelen i kontrakten.",
        "Correct the rows, or correct the rule in the contract.",
    ),
    # keys
    "duplicate_key": Words(
        "{count} rader deler primærnøkkel med en annen rad ({detail}).",
        "{count} rows share their primary key with another row ({detail}).",
        "Behold én rad for hver nøkkel, eller rett `primaryKey` i kontrakten.",
        "Keep one row for each key, or correct `primaryKey` in the contract.",
    ),
    "person_repeated": Words(
        "{count} rader gjelder en person som har flere rader, men datasettet er FIXED.",
        "{count} rows are of a person with several rows, but the dataset is FIXED.",
        "Behold én rad for hver person, eller rett `temporalityType` i kontrakten.",
        "Keep one row for each person, or correct `temporalityType` in the contract.",
    ),
    "id_missing": Words(
        "{count} rader mangler identifikator.",
        "{count} rows have no identifier.",
        "Fyll den ut, eller sett `onMissing` i kontrakten.",
        "Fill it in, or set `onMissing` in the contract.",
    ),
    "id_length": Words(
        "{count} identifikatorer er ikke elleve sifre.",
        "{count} identifiers are not eleven digits.",
        "Se etter nuller foran som et regneark har fjernet.",
        "Look for leading zeros that a spreadsheet has removed.",
    ),
    "id_too_long": Words(
        "{count} identifikatorer er lengre enn {detail} tegn.",
        "{count} identifiers are longer than {detail} characters.",
        "Bruk registerets egne, korte identifikatorer.",
        "Use the registry's own, short identifiers.",
    ),
    "id_date": Words(
        "{count} identifikatorer begynner ikke med en dato.",
        "{count} identifiers do not begin with a date.",
        "Rett dem mot Folkeregisteret.",
        "Correct them against the population register.",
    ),
    "id_checksum": Words(
        "{count} identifikatorer har feil kontrollsiffer.",
        "{count} identifiers have wrong check digits.",
        "Rett dem mot Folkeregisteret.",
        "Correct them against the population register.",
    ),
    "id_class": Words(
        "{count} identifikatorer er av et slag som kontrakten ikke godtar ({detail}).",
        "{count} identifiers are of a class that the contract does not accept ({detail}).",
        "Rett dem, eller legg slaget til i `idType`.",
        "Correct them, or add the class to `idType`.",
    ),
    "id_synthetic": Words(
        "{count} identifikatorer er syntetiske og hører ikke hjemme i produksjon.",
        "{count} identifiers are synthetic and do not belong in production.",
        "Last testdata i en testinstans.",
        "Load test data into a test instance.",
    ),
    "id_real": Words(
        "{count} identifikatorer er ekte; denne instansen er for syntetiske.",
        "{count} identifiers are real; this instance is for synthetic ones.",
        "Stans, og slett kopien av filen her. Ekte data lastes bare i produksjon.",
        "Stop, and delete the copy of the file here. Real data go to production only.",
    ),
    "id_national": Words(
        "{count} lokale identifikatorer ser ut som fødselsnummer.",
        "{count} local identifiers look like national identity numbers.",
        "Sett `idType` til FNR, DNR, HNR eller FHN, så de behandles som det de er.",
        "Set `idType` to FNR, DNR, HNR or FHN, so that they are treated as what they are.",
    ),
    # time
    "missing_start": Words(
        "{count} rader mangler starttidspunkt.",
        "{count} rows have no start.",
        "Fyll det ut, eller rett `role` i kontrakten.",
        "Fill it in, or correct `role` in the contract.",
    ),
    "stop_before_start": Words(
        "{count} rader slutter før de begynner.",
        "{count} rows stop before they start.",
        "Rett tidspunktene.",
        "Correct the times.",
    ),
    "start_is_not_stop": Words(
        "{count} rader har ulik start og slutt, men datasettet er STATUS.",
        "{count} rows differ in start and stop, but the dataset is STATUS.",
        "Rett tidspunktene, eller rett `temporalityType` i kontrakten.",
        "Correct the times, or correct `temporalityType` in the contract.",
    ),
    "outside_validity": Words(
        "{count} rader ligger utenfor registerets gyldighetstid.",
        "{count} rows lie outside the registry's validity.",
        "Fjern dem, eller rett `validFrom`/`validUntil` i kontrakten.",
        "Leave them out, or correct `validFrom`/`validUntil` in the contract.",
    ),
    "in_the_future": Words(
        "{count} datoer ligger i framtiden.",
        "{count} dates lie in the future.",
        "Rett dem.",
        "Correct them.",
    ),
    "status_repeated": Words(
        "{count} rader gir samme person flere statuser på samme tid.",
        "{count} rows give the same person several states at the same time.",
        "Behold én rad for hver person og dato.",
        "Keep one row for each person and date.",
    ),
    "overlap": Words(
        "{count} rader overlapper med en tidligere rad av samme nøkkel ({detail}).",
        "{count} rows overlap with an earlier row of the same key ({detail}).",
        "Rett periodene, eller rett `noOverlap` i kontrakten.",
        "Correct the periods, or correct `noOverlap` in the contract.",
    ),
    # comparison
    "row_count_change": Words(
        "Antall rader er endret med {detail} siden forrige versjon.",
        "The number of rows changed by {detail} since the previous version.",
        "Undersøk om uttrekket er fullstendig.",
        "Check that the extract is complete.",
    ),
    "period_change": Words(
        "Antall rader er endret med mer enn grensen i {count} år ({detail}).",
        "The number of rows changed by more than the limit in {count} years ({detail}).",
        "Undersøk om disse årene er fullstendige.",
        "Check that these years are complete.",
    ),
    "null_rate_change": Words(
        "Andelen manglende verdier er endret med {detail} siden forrige versjon.",
        "The share of missing values changed by {detail} since the previous version.",
        "Undersøk om kolonnen er fylt ut som før.",
        "Check that the column is filled in as before.",
    ),
    "categories_appeared": Words(
        "{count} koder er i bruk som ikke var det i forrige versjon.",
        "{count} codes are in use that were not in the previous version.",
        "Undersøk om kodingen er endret.",
        "Check whether the coding has changed.",
    ),
    "categories_vanished": Words(
        "{count} koder er ikke lenger i bruk.",
        "{count} codes are no longer in use.",
        "Undersøk om kodingen er endret eller rader mangler.",
        "Check whether the coding has changed or rows are missing.",
    ),
    "distribution_shift": Words(
        "Fordelingen er forskjøvet siden forrige versjon (PSI {detail}).",
        "The distribution has shifted since the previous version (PSI {detail}).",
        "Undersøk om kodingen, enheten eller utvalget er endret.",
        "Check whether coding, unit or population has changed.",
    ),
    # hiding
    "hidden_identifier": Words(
        "{count} verdier inneholder det som ser ut som et fødselsnummer.",
        "{count} values hold what looks like a national identity number.",
        "Fjern numrene; identifikatorer hører bare hjemme i identifikatorkolonner.",
        "Remove the numbers; identifiers belong in identifier columns only.",
    ),
    "identifier_copied": Words(
        "{count} rader gjentar radens identifikator i denne kolonnen.",
        "{count} rows repeat the row's identifier in this column.",
        "Fjern kolonnen fra uttrekket og kontrakten.",
        "Leave the column out of the extract and the contract.",
    ),
    # decision
    "too_many_bad_rows": Words(
        "{count} rader må holdes utenfor; kontrakten tillater {detail} av radene.",
        "{count} rows have to be left out; the contract allows {detail} of the rows.",
        "Rett radene over, eller endre `quarantine` under [load] etter avtale.",
        "Correct the rows above, or change `quarantine` under [load] by agreement.",
    ),
}
