"""Labels make room for each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tilexplorer.figures.labels import coloured, safe, shortened, spread, text_width, wrap, wrapped


def test_labels_that_fit_stay_where_they_are() -> None:
    assert spread([200, 20, 100], [15, 15, 15], 0, 300) == pytest.approx([200, 20, 100])


def test_two_labels_at_one_place_part_by_half_a_height_each() -> None:
    assert spread([100, 100], [16, 16], 0, 300) == pytest.approx([92, 108])


@pytest.mark.parametrize("seed", range(30))
def test_no_two_labels_overlap_and_all_stay_inside(seed: int) -> None:
    random = np.random.default_rng(seed)
    heights = random.choice([15.0, 30.0], 7).tolist()
    wanted = random.uniform(0, 300, 7).tolist()
    placed = spread(wanted, heights, 0, 300)
    boxes = sorted((centre - height / 2, centre + height / 2) for centre, height in zip(placed, heights, strict=True))
    assert boxes[0][0] >= -1e-9
    assert boxes[-1][1] <= 300 + 1e-9
    assert all(below[1] <= above[0] + 1e-9 for below, above in pairwise(boxes))
    assert np.argsort(placed, kind="stable").tolist() == np.argsort(wanted, kind="stable").tolist()


def test_no_label_needs_no_room() -> None:
    assert spread([], [], 0, 10) == []


def test_a_level_is_not_a_tag() -> None:
    assert safe("<1%") == "&lt;1%"
    assert coloured("<1%", "#000000") == '<span style="color:#000000">&lt;1%</span>'


def test_wrapping_leaves_nothing_out() -> None:
    assert wrap("Bladder urothelial carcinoma", 12) == ["Bladder", "urothelial", "carcinoma"]
    assert "".join(wrap("Adenocarcinoma", 6)) == "Adenocarcinoma"
    assert wrapped("PD-L1 <1% and", 9) == "PD-L1 &lt;1%<br>and"
    assert shortened("Bladder urothelial", 8) == "Bladder…"
    assert shortened("Bladder", 8) == "Bladder"


def test_width_grows_with_text_and_size() -> None:
    assert text_width("mmm", 12) > text_width("iii", 12) > 0
    assert text_width("abc", 24) == pytest.approx(2 * text_width("abc", 12))
