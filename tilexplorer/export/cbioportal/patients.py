"""Patient attributes: who they are, how they were treated, how they responded, how long they lived."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidExport
from tilexplorer.export.cbioportal import cells
from tilexplorer.export.cbioportal.clinical import Attribute, flag, number, text
from tilexplorer.export.cbioportal.ids import cleaned
from tilexplorer.timescale import DAYS_PER_MONTH

# Four decimals of a month are 0.003 days: floor(months * 30.4375 + 0.5) gives every whole day back.
DECIMALS: Final = 4

# Words behind 0: and 1:. OS and DFS have to have these; for the others only the digit counts.
LABELS: Final = {
    "os": ("LIVING", "DECEASED"),
    "dfs": ("DiseaseFree", "Recurred/Progressed"),
    "pfs": ("CENSORED", "PROGRESSION OR DEATH"),
    "irpfs": ("CENSORED", "PROGRESSION OR DEATH"),
    "rfs": ("CENSORED", "RECURRENCE OR DEATH"),
    "dss": ("CENSORED", "DEAD OF DISEASE"),
    "ttp": ("CENSORED", "PROGRESSION"),
    "pfi": ("CENSORED", "PROGRESSION"),
}
OTHER_LABELS: Final = ("CENSORED", "EVENT")
SEX: Final = {"female": "Female", "male": "Male"}


def patient_ids(course: pd.DataFrame) -> dict[str, str]:
    """cBioPortal's id of each patient by the source's.

    Raises
    ------
    InvalidExport
        A patient with several courses, for whom cBioPortal has no place, or ids that it does not take.
    """
    repeated = course["patient"].duplicated()
    if repeated.any():
        raise InvalidExport(
            f"patient '{course['patient'][repeated].iloc[0]}' has several courses of treatment, cBioPortal has one row "
            "for a patient; select one line of treatment, or export a bundle"
        )
    names = course["patient"].tolist()
    return dict(zip(names, cleaned(names, "patient id"), strict=True))


def attributes(
    course: pd.DataFrame, sex: pd.Series, outcome: pd.DataFrame, endpoint: pd.DataFrame, combination: pd.Series
) -> list[Attribute]:
    """The columns of the patient file.

    Parameters
    ----------
    course, outcome, endpoint
        The cohort's rows of these tables.
    sex
        By patient.
    combination
        Treatment classes by regimen.
    """
    ids = patient_ids(course)
    own = course["patient"]
    found = [text("PATIENT_ID", "Patient Identifier", "Identifier of the patient", own.map(ids))]
    if list(ids) != list(ids.values()):
        found.append(text("SOURCE_PATIENT_ID", "Source Patient ID", "Identifier as the source published it", own))
    found.append(Attribute("SEX", "Sex", "Sex", "STRING", cells.chosen(own.map(sex), SEX, "sex")))
    found += _course(course, combination)
    for name in dict.fromkeys([*endpoint["endpoint"], *outcome["endpoint"]]):
        card = endpoint[endpoint["endpoint"] == name]
        rows = outcome[outcome["endpoint"] == name].set_index("patient").reindex(own)
        found += _survival(str(name), rows, card.iloc[0] if len(card) else None)
    return found


def _course(course: pd.DataFrame, combination: pd.Series) -> list[Attribute]:
    return [
        number("AGE", "Age", "Age at the start of treatment [years]", course["age"]),
        number("ECOG", "ECOG", "ECOG performance status at the start of treatment", course["ecog"]),
        text("MSI_STATUS", "MSI Status", "Microsatellite status: MSI-H or MSS", course["msi"]),
        text("TRIAL", "Study", "Trial or series within the cohort", course["study"]),
        text("ARM", "Arm", "Arm as the source names it", course["arm"]),
        text("REGIMEN", "Regimen", "Drugs and interventions of the treatment", course["regimen"]),
        text("THERAPY_CLASS", "Therapy Class", "Classes of the treatment", course["regimen"].map(combination)),
        number("LINE_OF_TREATMENT", "Line of Treatment", "Line of systemic treatment, from 1", course["line"]),
        flag("PRIOR_IMMUNOTHERAPY", "Prior Immunotherapy", "Had immunotherapy before", course["prior_io"]),
        text(
            "BEST_RESPONSE",
            "Best Response",
            "Best overall response: CR, PR, SD, PD, NE; CRPR and SDPD where the source does not split them",
            course["response"],
        ),
        text("SOURCE_BENEFIT", "Benefit (source)", "The source's own responder flag", course["benefit"]),
        flag("DURABLE_BENEFIT", "Durable Benefit", "By the study's own definition", course["durable"]),
        number("BEST_CHANGE", "Best Change", "Best change of target lesions [%]", course["shrinkage"]),
    ]


def months(days: int) -> str:
    """Days as months of 30.4375 days, with the digits that the day needs to come back."""
    return f"{days / DAYS_PER_MONTH:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _survival(endpoint: str, rows: pd.DataFrame, card: pd.Series | None) -> list[Attribute]:
    """The pair of columns of an endpoint. Where its clock starts is said in the description, the only place for it."""
    words = vocabulary.ENDPOINTS.get(endpoint, endpoint)
    prefix = endpoint.upper()
    t0 = _said(card, "t0") or "a start that the source does not name"
    event = _said(card, "event") or "the event is not described by the source"
    said = f"{words} from {t0}; event: {event}; whole days are floor(months * {DAYS_PER_MONTH} + 0.5)"
    label = LABELS.get(endpoint, OTHER_LABELS)
    status = ["" if pd.isna(e) else f"{int(e)}:{label[int(e)]}" for e in rows["event"].tolist()]
    times = ["" if pd.isna(d) else months(int(d)) for d in rows["days"].tolist()]
    name = words[0].upper() + words[1:]
    return [
        Attribute(f"{prefix}_STATUS", f"{name} Status", f"{words}: {event}", "STRING", status),
        Attribute(f"{prefix}_MONTHS", f"{name} (Months)", said, "NUMBER", times),
    ]


def _said(card: pd.Series | None, key: str) -> str:
    return "" if card is None or pd.isna(card[key]) else cells.one_line(str(card[key]))
