"""Short reviews, made on the spot, of which some turn on the order of their words."""

from kerasrnn.data._offline_sentiment._generate import offline_sentiment

__all__ = ["offline_sentiment"]
