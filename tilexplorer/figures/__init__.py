"""One file per figure. A figure takes tidy values and a theme, and returns what was drawn with its words."""
