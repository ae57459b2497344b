"""Which values each filter can take in which cohort: what the sidebar may offer for the chosen cohorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tilexplorer import vocabulary
from tilexplorer.queries import counts
from tilexplorer.resolve import exact_combination, options, resolve
from tilexplorer.response_source import BENEFIT, offered, recording
from tilexplorer.scope import Scope
from tilexplorer.selection import FILTERS, Selection
from tilexplorer.store import Store


@dataclass(frozen=True)
class Facets:
    """Values by filter and cohort, measures and endpoints by cohort, all in the dictionary's order.

    `with_benefit` are the cohorts that have the source's own responder flag.
    """

    values: Mapping[str, Mapping[str, frozenset[str]]]
    order: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, tuple[str, ...]]
    endpoints: Mapping[str, tuple[str, ...]]
    with_benefit: tuple[str, ...] = ()

    def of(self, key: str, cohorts: Sequence[str]) -> tuple[str, ...]:
        """The values of a filter that occur in any of the cohorts."""
        found = frozenset().union(*(self.values[key].get(cohort, frozenset()) for cohort in cohorts))
        return tuple(value for value in self.order[key] if value in found)

    def measures_of(self, cohorts: Sequence[str]) -> tuple[str, ...]:
        """Families with at least two cohorts, then the measures that any of the cohorts has."""
        held = {m for cohort in cohorts for m in self.measures.get(cohort, ())}
        families = [name for name, members in vocabulary.families().items() if held.intersection(members)]
        known = [m for m in vocabulary.measures() if m in held]
        return (*(families if len(cohorts) > 1 else ()), *known, *sorted(held.difference(known)))

    def endpoints_of(self, cohorts: Sequence[str]) -> tuple[str, ...]:
        """Endpoints that any of the cohorts has."""
        held = {e for cohort in cohorts for e in self.endpoints.get(cohort, ())}
        return (*(e for e in vocabulary.ENDPOINTS if e in held), *sorted(held.difference(vocabulary.ENDPOINTS)))

    def rates_of(self, cohorts: Sequence[str]) -> tuple[str, ...]:
        """Response rates that can be asked of the cohorts."""
        return offered(vocabulary.RESPONSE_RATES, cohorts, self.with_benefit)


def facets(store: Store) -> Facets:
    """Read the values of every filter from a generation."""
    cohorts = tuple(store.table("cohort")["cohort"])
    resolved = replace(resolve(store, Selection()), cohorts=cohorts)
    values = {key: _values(Scope(resolved), key) for key in FILTERS}
    return Facets(
        values={**values, "therapy": _therapies(store)},
        order={key: options(store, key) for key in FILTERS},
        measures=_by_cohort(store, "SELECT cohort, measure AS v FROM measure ORDER BY ALL"),
        endpoints=_by_cohort(store, "SELECT DISTINCT cohort, endpoint AS v FROM outcome ORDER BY ALL"),
        with_benefit=recording(store, BENEFIT),
    )


def _values(scope: Scope, key: str) -> dict[str, frozenset[str]]:
    if key == "therapy":
        return {}
    found = counts(scope, {"cohort": "a.cohort::VARCHAR", "v": f"({scope.group(key)})::VARCHAR"}).dropna()
    return {str(cohort): frozenset(part["v"].astype(str)) for cohort, part in found.groupby("cohort")}


def _therapies(store: Store) -> dict[str, frozenset[str]]:
    """Classes that a cohort's regimens contain, and their exact combinations."""
    used = store.frame("SELECT DISTINCT cohort::VARCHAR AS cohort, regimen::VARCHAR AS regimen FROM analysis")
    classes = store.table("component").query("role == 'treatment'").groupby("regimen")["class"].agg(set).to_dict()
    exact = store.table("regimen").set_index("regimen")["combination"].map(exact_combination).to_dict()
    return {
        str(cohort): frozenset().union(*({*classes.get(r, ()), exact[r]} for r in part["regimen"]))
        for cohort, part in used.groupby("cohort")
    }


def _by_cohort(store: Store, sql: str) -> dict[str, tuple[str, ...]]:
    found = store.frame(sql)
    return {str(cohort): tuple(part["v"].astype(str)) for cohort, part in found.groupby("cohort")}
