"""Results as figures, tables and method lines. Pages and reports call these; nothing is computed here."""
