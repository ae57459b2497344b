"""What a generation holds, cohort by cohort: for the data page and for previews of what a change would do."""

from __future__ import annotations

import pandas as pd

from tilexplorer.store import Store

_CONTENTS = """
SELECT c.cohort, c.title, c.simulated,
  (SELECT count(*) FROM patient p WHERE p.cohort = c.cohort)::BIGINT AS patients,
  (SELECT count(*) FROM sample s WHERE s.cohort = c.cohort)::BIGINT AS samples,
  (SELECT count(*) FROM measure m WHERE m.cohort = c.cohort)::BIGINT AS measures,
  (SELECT coalesce(string_agg(e.endpoint, ', ' ORDER BY e.endpoint), '') FROM endpoint e WHERE e.cohort = c.cohort)
    AS endpoints
FROM cohort c ORDER BY c.simulated, c.cohort
"""


def contents(store: Store) -> pd.DataFrame:
    """A row per cohort: cohort, title, simulated, patients, samples, measures (int64), endpoints (ids, by commas)."""
    return store.frame(_CONTENTS)
