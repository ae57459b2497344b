"""Words and codes of clinical columns, and what they mean: flags, sex, microsatellite status, response, benefit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

_YES: Final = frozenset(["y", "yes", "true", "t", "1", "pos", "positive", "ja", "oui"])
_NO: Final = frozenset(["n", "no", "false", "f", "0", "neg", "negative", "nein", "non"])
_SEX: Final = {
    **dict.fromkeys(["f", "female", "woman", "women", "w", "weiblich", "femme", "feminin", "frau"], "female"),
    **dict.fromkeys(["m", "male", "man", "men", "masculin", "homme", "mann"], "male"),
}
_MSI: Final = {
    **dict.fromkeys(("mss", "pmmr", "stable", "proficient", "msi-l", "msil", "mmrp", "mss/msi-l", "non-msi-h"), "MSS"),
    **dict.fromkeys(("msi-h", "msih", "msi", "dmmr", "deficient", "msi-high", "instable", "unstable", "mmrd"), "MSI-H"),
}
# Prefixes of immune-related criteria: irCR, iCR.
_CATEGORY: Final = re.compile(r"^(?:ir|i)?(cr|pr|sd|pd|ne)$")
_RESPONSES: Final = (
    (r"complete( response| remission| responder)?|ccr", "CR"),
    (r"partial( response| remission| responder)?|vgpr|cpr|upr", "PR"),
    (r"stable( disease| response)?|no change|minor response|mixed response|mr", "SD"),
    (r"progress(ion|ive)?( of)?( disease)?|pod|death|dead|(death|died) prior to .*", "PD"),
    (
        r"not? evalua(ble|ted)|non ?evaluable|in ?evaluable|unable to determine|utd|not assess(ed|able)"
        r"|not done|nd|n e",
        "NE",
    ),
    (r"never treated|early discontinuation.*|discontinued.*", "NE"),
    (r"cr ?pr|pr ?cr|cr or pr|objective response", "CRPR"),
    (r"sd ?pd|pd ?sd|sd or pd", "SDPD"),
)
# Words whose category is a convention, not a translation: the user is asked.
DOUBTFUL: Final = frozenset(
    {"mr", "minor response", "mixed response", "nd", "not done", "upr", "vgpr", "death", "dead"}
)
_BENEFIT: Final = {
    **dict.fromkeys(["r", "responder", "response", "cr/pr", "responders", "lb"], "true"),
    **dict.fromkeys(
        ("nr", "non responder", "nonresponder", "non response", "no response", "nb", "non responders"), "false"
    ),
}
_DURABLE: Final = (
    (
        r"(no|non|not) (durable|clinical)( clinical)? benefit|ndb|ncb|nb|pd sd c\d+|icb"
        r"|intermediate( clinical)? benefit",
        "false",
    ),
    (r"durable( clinical)?( benefit)?( beyond .*)?|clinical benefit|dcb|cb|ltb|cr pr sd c\d+", "true"),
    (r"not reached .*|too early|ne|not? evaluable", ""),
)


def plain(value: str) -> str:
    """A value as it is compared: lower case, punctuation as a blank."""
    return " ".join(re.findall(r"[^\W_]+", value.casefold()))


def flag(value: str) -> str | None:
    """'true', 'false', or nothing for a word that is neither."""
    word = value.casefold().removesuffix(".0")
    return "true" if word in _YES else "false" if word in _NO else None


def sex(value: str) -> str | None:
    """'female', 'male', or nothing; numbers say nothing."""
    return _SEX.get(value.casefold())


def msi(value: str) -> str | None:
    """'MSS', 'MSI-H', or nothing."""
    return _MSI.get(value.casefold().replace("_", "-"))


def response(value: str) -> str | None:
    """The response category of a word, or nothing."""
    word = plain(value)
    if found := _CATEGORY.fullmatch(word):
        return found.group(1).upper()
    return next((category for pattern, category in _RESPONSES if re.fullmatch(pattern, word)), None)


def benefit(value: str) -> str | None:
    """'true' for a responder, 'false' for a non-responder, or nothing."""
    return _BENEFIT.get(value.casefold()) or _BENEFIT.get(plain(value))


def durable(value: str) -> str | None:
    """'true', 'false', an empty word for 'cannot be said yet', or nothing for a word that says nothing about it."""
    word = plain(value)
    return next((made for pattern, made in _DURABLE if re.fullmatch(pattern, word)), flag(value))


def translated(
    values: Iterable[str], meaning: Callable[[str], str | None]
) -> tuple[tuple[tuple[str, str], ...], float]:
    """The pairs of value and meaning, and the share of the values that have one."""
    listed = list(values)
    found = [(value, meaning(value)) for value in listed]
    pairs = tuple((value, made) for value, made in found if made is not None)
    return pairs, len(pairs) / len(listed) if listed else 0.0
