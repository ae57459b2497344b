"""stub"""
from __future__ import annotations
def write_studies(extract, path):
    raise NotImplementedError
