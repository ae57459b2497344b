"""A made-up cohort measured twice: every number of the paired view can be checked by hand."""

from __future__ import annotations

import pandas as pd

from tests.miniature import miniature
from tilexplorer.schema import Canonical


def repeated(cohort: str = "alpha", *, pairs: int = 20, factor: float = 2.0) -> Canonical:
    """The miniature cohort; patients 1 to `pairs` have a second density, `factor` times the first, on day 30.

    Every fourth of them has a second lesion on day 30 as well, not treated, with the first density unchanged.
    """
    base = miniature(cohort)
    frames = {name: base[name].copy() for name in base.frames}
    ids = [f"{cohort}-{i:03d}" for i in range(1, pairs + 1)]
    frames["sample"]["lesion"] = "L1"
    twice = [ids[i] for i in range(0, pairs, 4)]
    on = pd.DataFrame(
        [
            *({"patient": p, "sample": f"{p}-on", "lesion": "L1", "lesion_treated": True} for p in ids),
            *({"patient": p, "sample": f"{p}-other", "lesion": "L2", "lesion_treated": False} for p in twice),
        ]
    ).assign(cohort=cohort, timepoint="on_treatment", days=30, tissue="tumour")
    value = [
        *({"patient": p, "sample": f"{p}-on", "number": factor * int(p[-3:])} for p in ids),
        *({"patient": p, "sample": f"{p}-other", "number": float(int(p[-3:]))} for p in twice),
    ]
    values = pd.DataFrame(value).assign(cohort=cohort, measure="cd8_density_centre")
    frames["sample"] = pd.concat([frames["sample"], on], ignore_index=True)
    frames["value"] = pd.concat([frames["value"], values], ignore_index=True)
    return Canonical.of(frames)
