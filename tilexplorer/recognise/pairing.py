"""Times and statuses as endpoints: which status belongs to which time, and which of its values is the event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tilexplorer.recognise import direction, words
from tilexplorer.recognise.direction import Evidence
from tilexplorer.recognise.events import BY_EXCLUSION, BY_NAME, BY_WORDS
from tilexplorer.recognise.guess import Details, Guess, Recognised
from tilexplorer.recognise.profile import Profile

Found = dict[str, Recognised]
Profiles = Mapping[str, Profile]

# Endpoints whose event is progression or death.
PROGRESSION: Final = frozenset({"pfs", "irpfs", "pfi", "ttp", "efs"})


# A status named like this is not one of survival.
_RELAPSE: Final = re.compile(r"progress|relaps|recur", re.IGNORECASE)
# So sure has the direction of survival to be, before it says anything about other endpoints.
_SETTLED: Final = 0.75


# Confidence of words that the data speak against, and of words for one value only that the data confirm.
_DOUBTED: Final = 0.6
_AGREED: Final = 0.9


@dataclass(frozen=True)
class Pair:
    """A status with its time, shape (rows,): `flagged` where it has the value that is assumed to be the event."""

    status: Recognised
    times: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    known: NDArray[np.bool_]


def paired(columns: Profiles, found: Found) -> Found:
    """The columns with every status at its time, and with the direction that the data make most likely."""
    found = _with_endpoint(found)
    found = _one_status_each(found)
    dead: Pair | None = None
    statuses = [one for one in found.values() if one.role == "status"]
    # Survival first: who died tells about the other endpoints.
    for one in sorted(statuses, key=lambda one: one.details.endpoint != "os"):
        made = _directed(columns, found, one, dead)
        found[one.column] = made
        if made.details.endpoint == "os" and made.confidence >= _SETTLED:
            dead = _pair(columns, found, made)
    return found


def _with_endpoint(found: Found) -> Found:
    """A status that names no endpoint belongs to the only time that has none."""
    lonely = [one for one in found.values() if one.role == "status" and not one.details.endpoint]
    have = {one.details.endpoint for one in found.values() if one.role == "status"}
    without = [o.details.endpoint for o in found.values() if o.role == "time" and o.details.endpoint not in have]
    for one in sorted(lonely, key=lambda one: -one.confidence):
        fitting = [name for name in without if name != "os"] if _RELAPSE.search(one.column) else without
        if len(fitting) == 1:
            why = f"{one.why}; it is taken for the status of {fitting[0]}, which has no other"
            found[one.column] = replace(one, why=why, details=replace(one.details, endpoint=fitting[0]))
            without.remove(fitting[0])
        else:
            found[one.column] = _left(one, "is named like a status, but of no endpoint that has a time here")
    return found


def _one_status_each(found: Found) -> Found:
    statuses = sorted((one for one in found.values() if one.role == "status"), key=lambda one: -one.confidence)
    seen: dict[str, str] = {}
    for one in statuses:
        endpoint = one.details.endpoint
        if endpoint in seen:
            found[one.column] = _left(one, f"{seen[endpoint]} is the better status of {endpoint}")
        seen.setdefault(endpoint, one.column)
    return found


def _left(one: Recognised, why: str) -> Recognised:
    guess = Guess(one.role, one.confidence / 2, one.why, one.details)
    return replace(one, role="ignored", confidence=0.6, why=why, alternatives=(guess, *one.alternatives))


def _pair(columns: Profiles, found: Mapping[str, Recognised], status: Recognised) -> Pair:
    column = columns[status.column]
    cells = column.cells
    endpoint = status.details.endpoint
    time = next((o for o in found.values() if o.role == "time" and o.details.endpoint == endpoint), None)
    values = columns[time.column].numbers if time else np.full(len(cells), np.nan)
    flagged = cells.isin(status.details.event).to_numpy(dtype=bool, na_value=False)
    known = cells.notna().to_numpy(dtype=bool) | ("" in status.details.censored)
    return Pair(status, values, flagged, known)


def _directed(columns: Profiles, found: Found, one: Recognised, dead: Pair | None) -> Recognised:
    """The status with the direction that the evidence is for; turned round where it is against the assumed one."""
    pair = _pair(columns, found, one)
    pieces = evidence(columns, found, pair, dead)
    if one.confidence >= BY_EXCLUSION:
        # Words are never turned round: data that speak against them only make them less sure.
        return _checked(one, pieces)
    sure = direction.confidence(pieces)
    turned = sure < 0.5 and bool(one.details.censored)
    details = _turned(one.details) if turned else one.details
    sure = min(max(sure, 1 - sure) if turned or sure >= 0.5 else sure, direction.MOST_SURE)
    sure = sure if pieces else min(sure, BY_NAME)
    made = replace(one, details=details)
    pieces = evidence(columns, found, _pair(columns, found, made), dead) if turned else pieces
    said = direction.reasons([item for item in pieces if item.weight]) or "nothing in the data tells which value it is"
    why = f"'{'/'.join(details.event)}' is taken for the event: {said}"
    other = Guess("status", 1 - sure, "the other direction", _turned(details))
    return replace(made, confidence=round(sure, 2), why=why, alternatives=(other, *one.alternatives))


def _checked(one: Recognised, pieces: list[Evidence]) -> Recognised:
    """A status whose words say the direction; data that speak strongly against it make it less sure."""
    against = [item for item in pieces if item.weight <= -direction.SETTLED]
    if against:
        return replace(one, confidence=_DOUBTED, why=f"{one.why}; but {against[0].why}, which is unusual")
    if "" in one.details.censored:  # an empty cell may as well be one of which nobody knows: that has to be asked
        return one
    if one.confidence < BY_WORDS and direction.confidence(pieces) >= _SETTLED:
        said = direction.reasons([item for item in pieces if item.weight > 0])
        return replace(one, confidence=_AGREED, why=f"{one.why}; {said}")
    return one


def _turned(details: Details) -> Details:
    return replace(details, event=details.censored, censored=details.event)


def _for_value(named: Evidence | None, details: Details) -> Evidence | None:
    """What the name says is about the higher value, or the true one."""
    if named is None or not details.event or words.flag(details.event[0]) != "false":
        return named
    return Evidence(-named.weight, f"but {named.why}")


def evidence(columns: Profiles, found: Mapping[str, Recognised], pair: Pair, dead: Pair | None) -> list[Evidence]:
    """Everything that speaks for or against the value that is assumed to be the event."""
    named = direction.by_name(columns[pair.status.column].folded)
    pieces = [_for_value(named, pair.status.details)]
    known = pair.known & np.isfinite(pair.times)
    pieces.append(direction.by_times(pair.times, pair.flagged, known))
    response = next((one for one in found.values() if one.role == "response"), None)
    progression = pair.status.details.endpoint in PROGRESSION
    if response is not None:
        made = columns[response.column].cells.map(words.response, na_action="ignore")
        progressed = made.isin(["PD"]).to_numpy(dtype=bool, na_value=False)
        responded = made.isin(["CR", "PR", "CRPR"]).to_numpy(dtype=bool, na_value=False)
        pieces.append(direction.by_response(pair.flagged, pair.known, progressed, responded))
        if progression:
            pieces.append(direction.by_progression(pair.flagged, pair.known, progressed))
    if dead is not None and progression:
        pieces.append(direction.by_earlier(pair.flagged, known, pair.times, dead.times))
        pieces.append(direction.by_death(pair.flagged, pair.known & dead.known, dead.flagged))
    return [piece for piece in pieces if piece is not None]
