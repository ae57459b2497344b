"""cBioPortal's study format: clinical files, timelines and matrices as frames of text, and whole studies described.

`study` opens a folder or an archive; `clinical` and `matrix` are the readers that a mapping names.
"""
