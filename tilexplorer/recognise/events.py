"""Columns that say whether an event happened. Which value means it: by its words, or by what the data say."""

from __future__ import annotations

import re
from typing import Final

from tilexplorer.recognise import names
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile
from tilexplorer.recognise.words import flag, plain

# Denials first: 'not progressed' holds 'progressed'.
_CENSORED: Final = re.compile(
    r"alive|living|lebt|vivant|censor\w*|censure|cens|no event|not progressed|no progression|progression free"
    r"|event free|disease ?free|no relapse|not relapsed|lost to follow ?up|ongoing|alive .*|no (death|progression)"
)
_EVENT: Final = re.compile(
    r"dead|deceased|died|death|event|expired|verstorben|d[ée]c[ée]d[ée]|progress(ed|ion|ive disease)|relapsed?|recurred"
    r"|recurrence|dead .*|died .*|progression free survival|progression or death"
)
# 'OS (1 = dead)', 'Dead/Alive (Dead = True)'
_ASSIGNED: Final = re.compile(r"([^\W_]+)\s*=\s*([^\W_]+)")
# With words nobody needs to look further; with numbers the direction has to come from the data.
BY_WORDS: Final = 0.95
BY_EXCLUSION: Final = 0.7
BY_NAME: Final = 0.55


def meaning(value: str) -> str:
    """'event', 'censored', or nothing for a value that does not say it."""
    word = re.sub(r"^\d ", "", plain(value))
    if _CENSORED.fullmatch(word):
        return "censored"
    return "event" if _EVENT.fullmatch(word) else ""


def status(column: Profile) -> Guess | None:
    """Two values, or one, named after an endpoint or after events."""
    if not 1 <= len(column.values) <= 3 or names.says("words", "milestone", column.folded):
        return None
    endpoint = names.first("endpoints", column.folded)
    named = names.says("words", "status", column.folded)
    if not endpoint and not named:
        return None
    said = {value: meaning(value) for value in column.values}
    if not all(said.values()):
        return _unsaid(column, endpoint, named, said)
    event = tuple(value for value in column.values if said[value] == "event")
    censored = tuple(value for value in column.values if said[value] == "censored")
    if not censored and column.n < len(column.cells):
        details = Details(endpoint=endpoint, event=event, censored=("",))
        why = f"'{'/'.join(event)}' says what happened; an empty cell is taken for censored"
        return Guess("status", BY_EXCLUSION, why, details)
    details = Details(endpoint=endpoint, event=event, censored=censored)
    return Guess("status", BY_WORDS if endpoint else 0.7, "its values say what happened", details)


def _unsaid(column: Profile, endpoint: str, named: bool, said: dict[str, str]) -> Guess | None:
    """Values of which not all say what they mean: by what the name assigns, by exclusion, or open."""
    if {"event", "censored"} <= set(said.values()):
        # What says neither is in neither list: the import names its cells until somebody says it.
        odd = next(value for value in column.values if not said[value])
        event, censored = (tuple(value for value in said if said[value] == word) for word in ("event", "censored"))
        why = f"its values say what happened, but '{odd}' does not"
        return Guess("status", BY_EXCLUSION, why, Details(endpoint=endpoint, event=event, censored=censored))
    if len(column.values) > 2 or (column.numeric and not column.whole):
        return None
    if assigned := _assigned(column):
        return assigned
    spoken = [value for value, word in said.items() if word]
    if len(column.values) == 2 and len(spoken) == 1:
        other = next(value for value in column.values if value != spoken[0])
        pair = (spoken[0], other) if said[spoken[0]] == "event" else (other, spoken[0])
        why = f"'{spoken[0]}' says what it means, '{other}' is the other value"
        return Guess("status", BY_EXCLUSION, why, Details(endpoint=endpoint, event=pair[:1], censored=pair[1:]))
    coded = all(flag(value) is not None or value in ("2", "2.0") for value in column.values)
    bare = column.folded in (endpoint, "ir pfs") or re.fullmatch(r"\w+ \d", column.folded) is not None
    if not coded or not (named or bare):
        return None
    high = sorted(column.values, key=order)
    details = Details(endpoint=endpoint, event=(high[-1],), censored=tuple(high[:-1]))
    return Guess("status", BY_NAME, "is named like a status; the coding has to come from the data", details)


def _assigned(column: Profile) -> Guess | None:
    """What the name itself assigns: 'Dead = True'."""
    for left, right in _ASSIGNED.findall(column.name):
        for word, code in ((left, right), (right, left)):
            same = [value for value in column.values if value.casefold().removesuffix(".0") == code.casefold()]
            if meaning(word) and same:
                others = tuple(value for value in column.values if value != same[0])
                event, censored = ((same[0],), others) if meaning(word) == "event" else (others, (same[0],))
                endpoint = names.first("endpoints", column.folded)
                details = Details(endpoint=endpoint, event=event, censored=censored)
                return Guess("status", BY_WORDS, f"its name says that {same[0]} is {word.lower()}", details)
    return None


def order(value: str) -> tuple[float, str]:
    """The place of a value among others: numbers and flags by size, words by the alphabet."""
    truth = flag(value)
    number = float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else 1.0 if truth == "true" else 0.0
    return number, value
