"""What a generation holds, cohort by cohort: for the data page and for previews of what a change would do."""

from __future__ import annotations

import pandas as pd

from tilexplorer.store import Store

_CONTENTS = """
SELECT c.cohort, c.title, c.simulated,
  (SELECT count(*) FROM patient p WHERE p.cohort = c.cohort)::BIGINT AS patients,
  (SELECT count(*) FROM patient p WHERE p.cohort = c.cohort AND EXISTS (
    SELECT 1 FROM overlap o JOIN cohort kept ON kept.cohort = o.preferred
    WHERE o.cohort = p.cohort AND o.patient IN ('', p.patient)))::BIGINT AS copies,
  (SELECT count(*) FROM sample s WHERE s.cohort = c.cohort)::BIGINT AS samples,
  (SELECT count(*) FROM measure m WHERE m.cohort = c.cohort)::BIGINT AS measures,
  (SELECT coalesce(string_agg(e.endpoint, ', ' ORDER BY e.endpoint), '') FROM endpoint e WHERE e.cohort = c.cohort)
    AS endpoints
FROM cohort c ORDER BY c.simulated, c.cohort
"""


def contents(store: Store) -> pd.DataFrame:
    """A row per cohort: cohort, title, simulated, numbers of patients, copies, samples and measures, ids of endpoints.

    `copies` are those of its patients whom another published cohort holds as well and is preferred for.
    """
    return store.frame(_CONTENTS)
