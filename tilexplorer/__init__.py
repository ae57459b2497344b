"""TIL Explorer: how T-cell infiltration of a tumour relates to what immunotherapy does for the patient."""

__version__ = "0.1.0"
