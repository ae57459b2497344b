"""A page opened without a browser: Streamlit's AppTest on the shell, and what it shows and holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from tests.shared import ROOT
from tilexplorer.selection import Selection, from_parameters

SHELL: Final = ROOT / "tilexplorer" / "ui" / "shell.py"
PAGES: Final = ROOT / "pages"
FIRST: Final = "overview"
NAMES: Final = tuple(sorted(path.stem for path in PAGES.glob("*.py")))
PATIENCE_SECONDS: Final = 120.0
KINDS: Final = ("multiselect", "selectbox", "slider", "number_input", "button_group")


def visit(page: str, query: str = "") -> AppTest:
    """A page opened by a link, in a new session."""
    app = AppTest.from_file(SHELL, default_timeout=PATIENCE_SECONDS)
    for name, values in parse_qs(query).items():
        app.query_params[name] = values
    return turn_to(app, page)


def turn_to(app: AppTest, page: str) -> AppTest:
    """Another page of the same session, with the address as it stands."""
    if page != FIRST:
        app.switch_page(str(PAGES / f"{page}.py"))
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    """The app after a run that raised nothing."""
    assert not app.exception, [error.message for error in app.exception]
    return app


def widgets(app: AppTest) -> dict[str, Any]:
    """Every widget of the selection that is drawn, by its field."""
    drawn = (widget for kind in KINDS for widget in app.get(kind))
    return {widget.key.removeprefix("w_"): widget for widget in drawn if str(widget.key).startswith("w_")}


def selection(app: AppTest) -> Selection:
    """What the session holds."""
    found: Selection = app.session_state["selection"]
    return found


def address(app: AppTest) -> Selection:
    """What the address bar says, which must hold nothing that cannot be read."""
    parsed = from_parameters({name: _many(value) for name, value in app.query_params.items()})
    assert not parsed.problems
    return parsed.selection


def _many(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def link(app: AppTest) -> str:
    """The query of the share link."""
    return selection(app).to_query()


def words(app: AppTest) -> str:
    """The sentence and everything else that is written as HTML."""
    return " ".join(part.proto.body for part in app.get("html") if "<style>" not in part.proto.body)


def shown(app: AppTest) -> Mapping[str, object]:
    """What the page says: words, counts, figures, tables, warnings."""
    return {
        "words": words(app),
        "remaining": app.sidebar.markdown[0].value,
        "figures": [figure.proto.spec for figure in app.get("plotly_chart")],
        "tables": [frame.value.to_csv() for frame in app.dataframe],
        "warnings": [warning.value for warning in app.warning],
    }
