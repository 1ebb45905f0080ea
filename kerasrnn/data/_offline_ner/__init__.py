"""Sentences tagged with named entities, made on the spot: no download, no licence to mind."""

from kerasrnn.data._offline_ner._generate import offline_ner

__all__ = ["offline_ner"]
