"""One module per view: (store, selection) -> every number, sentence and caution that the view shows.

Pages, share links, the command line and exports all print what these calls return, so that a number cannot differ
between a curve and a table.
"""
