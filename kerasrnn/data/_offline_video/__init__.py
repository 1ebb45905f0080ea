"""Clips of moving shapes, made on the spot: no download, no licence to mind."""

from kerasrnn.data._offline_video._generate import offline_video

__all__ = ["offline_video"]
