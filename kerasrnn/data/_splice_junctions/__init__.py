"""Primate DNA around splice junctions: real sequences that travel with the library."""

from kerasrnn.data._splice_junctions._read import offline_dna, splice_junctions

__all__ = ["offline_dna", "splice_junctions"]
