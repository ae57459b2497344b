"""The parts that every page is made of, in their order: sentence, figure, numbers, how this was made, quiet line."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd
import streamlit as st

from tilexplorer import __version__, formatting
from tilexplorer.analysis.context import Context
from tilexplorer.analysis.next_step import next_step
from tilexplorer.analysis.sentences import Sentence
from tilexplorer.analysis.tables import neutral
from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.palette import THEMES, Theme
from tilexplorer.figures.template import Width
from tilexplorer.presentation.look import Look
from tilexplorer.store import Store

QUIET_LINE: Final = "For research. It informs; it is not a medical device and no advice for one patient."
MOST_ROWS: Final = 60  # of a table that is shown whole
IMAGE: Final = "image format"
FRAME: Final = "frame"

STYLE: Final = """
<style>
/* What is chosen, white on the light theme's accent in both: on the dark one's it cannot be read. */
[data-testid="stMultiSelectTagsContainer"] *:has(span[title]) { background: #2F6F8F !important; }
[data-testid="stMultiSelectTagsContainer"] span[title] { background: #2F6F8F; color: #FFFFFF !important; }
.til-title { font-size: 1.05rem; font-weight: 600; margin: 0; letter-spacing: .01em; padding: 0; }
.stMainBlockContainer h2 { font-size: 1.15rem; font-weight: 600; padding: 1.2rem 0 .2rem 0; }
.stMainBlockContainer h3 { font-size: 1.02rem; font-weight: 600; padding: .9rem 0 .1rem 0; }
.til-sentence { font-size: 1.3rem; line-height: 1.45; max-width: 46em; margin: .2rem 0 .3rem 0; }
.til-caution { max-width: 60em; margin: 0 0 .3rem 0; opacity: .85; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit !important; opacity: 1; }
[data-testid="stCaptionContainer"] > * { opacity: .85 !important; }
.til-simulated { border: 1px solid currentColor; padding: .3rem .6rem; display: inline-block; font-weight: 600; }
.til-quiet { opacity: .75; font-size: .85rem; border-top: 1px solid rgba(128,128,128,.35); padding-top: .5rem; }
.stMainBlockContainer { padding-top: 2.6rem; }
@media (max-width: 640px) {
  .til-sentence { font-size: 1.1rem; }
  .stMainBlockContainer { padding-left: .8rem; padding-right: .8rem; }
}
</style>
"""


@dataclass(frozen=True)
class Frame:
    """What a page gets from the shell: the store, the query that keys its cached result, and how it is looked at."""

    store: Store
    query: str
    theme: Theme
    width: Width
    link: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What the result of a view depends on: the store's folder, the generation, the query."""
        return str(self.store.folder), self.store.generation, self.query

    def look(self, stamp_line: str) -> Look:
        """How this page's figures are drawn."""
        return Look(self.theme, self.width, stamp_line)

    @property
    def narrow(self) -> bool:
        """Whether the window is a phone's."""
        return self.width == "narrow"


def put_frame(made: Frame) -> None:
    """Leave the page of this run its frame; called by the shell."""
    st.session_state[FRAME] = made


def no_frame() -> None:
    """Nothing is published, or what is cannot be opened; called by the shell."""
    st.session_state.pop(FRAME, None)


def frame() -> Frame:
    """The frame of this run, as the shell made it."""
    found = frame_or_none()
    assert found is not None, "without a store the shell runs no page that needs one"
    return found


def frame_or_none() -> Frame | None:
    """The frame of this run; None where there is no store to look at, which the data page alone can do without."""
    found: Frame | None = st.session_state.get(FRAME)
    return found


def theme() -> Theme:
    """The figure colours that belong to the page's theme."""
    return THEMES["dark" if st.context.theme.type == "dark" else "light"]


def heading(title: str, sentence: Sentence, context: Context) -> None:
    """The page's name, the simulated mark, and the sentence with its caution."""
    title_line(title, simulated=context.simulated)
    st.html(f'<p class="til-sentence">{html.escape(sentence.text)}</p>')
    if sentence.caution:
        st.html(f'<p class="til-caution">{html.escape(sentence.caution)}</p>')


def title_line(words: str, *, simulated: bool) -> None:
    """The page's name, and the mark that no patient behind it is real."""
    st.html(f'<h1 class="til-title">{html.escape(words)}</h1>')
    if simulated:
        st.html('<p class="til-simulated">SIMULATED DATA: no real patient, not evidence</p>')


def cautions(lines: Iterable[str]) -> None:
    """Warnings of the view, each once, quietly."""
    for line in dict.fromkeys(line for line in lines if line):
        st.caption(f":material/info: {plain(line[:1].upper() + line[1:])}.".replace("..", "."))


def plain(text: str) -> str:
    """Text for markdown with nothing that markdown would read as its own."""
    for mark in ("\\", "*", "_", "`", "[", "]", "$", "<", ">", "#", "~", "|"):
        text = text.replace(mark, f"\\{mark}")
    return text


def sentence_case(message: str) -> str:
    """A message of the library as a sentence of its own."""
    return f"{message[:1].upper()}{message[1:]}."


def power(line: str) -> None:
    """How large an effect could have been seen at all, below a sentence that says "compatible with chance"."""
    if line:
        st.caption(f":material/search: {plain(line)}.")


def show(drawn: Drawn, name: str) -> None:
    """A figure with its alternative text and its one button that saves the picture."""
    image: Literal["svg", "png"] = "png" if st.session_state.get(IMAGE) == "PNG" else "svg"
    st.plotly_chart(
        drawn.figure,
        theme=None,
        config=template.config(f"til-explorer-{name}", image),
        alt=drawn.alt,
        key=f"figure {name}",
    )


def image_format() -> None:
    """Which picture the button in a figure's corner saves."""
    st.segmented_control("Save figures as", ("SVG", "PNG"), default="SVG", key=IMAGE)


def stamp(context: Context, *facts: str) -> str:
    """The line under every figure and in front of every table: method, n, rule, data, program."""
    rule = f"{context.measure}, {context.rule}" if context.measure else ""
    parts = [
        *facts,
        f"n = {formatting.count(context.n)}",
        rule,
        f"data {context.generation}",
        f"TIL Explorer {__version__}",
    ]
    return " · ".join(part for part in parts if part)


def table(rows: pd.DataFrame, name: str, stamp_line: str, *, alt: str) -> None:
    """A table to sort and copy, and the same as a file that says where it comes from."""
    height: Literal["content", "auto"] = "content" if len(rows) <= MOST_ROWS else "auto"
    st.dataframe(rows, hide_index=True, lazy=False, alt=alt, height=height, key=f"table {name}")
    st.download_button(
        "Table as CSV", as_csv(rows, stamp_line), f"til-explorer-{name}.csv", "text/csv", key=f"csv {name}",
        type="tertiary", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def as_csv(rows: pd.DataFrame, stamp_line: str) -> bytes:
    """A table as CSV with its stamp in the first line; no cell that a spreadsheet would run."""
    return f"# {stamp_line}\n{rows.map(neutral).to_csv(index=False)}".encode()


def how_it_was_made(view: str, context: Context, method: Sequence[str]) -> None:
    """Method, denominators, exclusions, sources, generation, link, and the command that prints the same numbers."""
    here = frame()
    with st.expander("How this was made"):
        for line in method:
            st.markdown(f"- {plain(line)}")
        if context.measure:
            st.markdown(f"- Measure: {plain(context.measure)}. Levels: {plain(context.rule)}.")
        for note in context.notes:
            st.markdown(f"- {plain(note)}")
        _exclusions(context)
        _sources(context)
        st.markdown(f"Data generation `{context.generation}`. The same numbers on the command line:")
        st.code(
            f'python -m tilexplorer analyse {view} "{context.selection.to_query(context.generation)}"',
            language="sh",
            wrap_lines=True,
        )
        st.markdown("Link to this view:")
        st.code(here.link, language=None, wrap_lines=True)


def _exclusions(context: Context) -> None:
    lines = [f"{formatting.count(n)}: {plain(reason)}" for reason, n in context.excluded]
    if lines:
        st.markdown(f"Left out of {formatting.count(context.chosen)} patients, each counted once:")
        st.markdown("\n".join(f"- {line}" for line in lines))


def _sources(context: Context) -> None:
    for source in context.sources:
        doi = f" doi:{source.doi}." if source.doi else ""
        licence = plain(source.licence.rstrip("."))
        st.markdown(f"- **{plain(source.title)}**. {plain(source.citation)}{doi} Licence: {licence}.")
        if source.population:
            st.caption(plain(source.population))
        for note in source.notes:
            st.caption(f"– {plain(note)}")


def section(title: str) -> None:
    """A heading within a page."""
    st.header(title, anchor=False)


def about_cohorts(context: Context) -> None:
    """What a reader must know of each cohort before using it."""
    for source in context.sources:
        with st.expander(source.title, expanded=len(context.sources) == 1):
            for line in (source.population, *source.notes):
                if line:
                    st.markdown(f"- {plain(line)}")
            doi = f" doi:{source.doi}." if source.doi else ""
            st.caption(f"{plain(source.citation)}{doi} Licence: {plain(source.licence.rstrip('.'))}.")


def nothing_left(context: Context, elsewhere: str = "") -> None:
    """The designed empty state: what emptied the selection, and the next step.

    `elsewhere` is the page that answers in the place of one that looks at infiltration levels only.
    """
    step = next_step(context)
    links = [f"[{plain(words)}]({page or elsewhere}?{query})" for words, page, query in step.links]
    st.info(
        f"{plain(context.emptied_by[:1].upper() + context.emptied_by[1:])}: this left nobody. "
        + (" · ".join(links) or plain(step.words)),
        icon=":material/filter_alt_off:",
    )
    _exclusions(context)


def quiet_line() -> None:
    """The last line of every page."""
    st.html(f'<p class="til-quiet">{QUIET_LINE}</p>')
