"""Clips to numbers."""

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._encoder import Encoder, labels_of
from kerasrnn.data._evenly import evenly


class ClipEncoder(Encoder):
    """Turns clips into arrays of frames with pixels from 0 to 1.

    Args:
        labels: sequence of distinct strings, in the order of the classes' numbers.
        frames: frames of the clips that it was built of.
        size: pixels of a side.
        channels: numbers of a pixel: 1 for grey, 3 for colours.

    Raises:
        DataError: there are fewer than two labels.

    Example:
        >>> from kerasrnn.data import ClipEncoder, offline_video
        >>> clips = offline_video(train=24, validation=0, test=0).train
        >>> encoder = ClipEncoder.build(clips)
        >>> encoder.sizes
        {'size': 32, 'channels': 1, 'num_classes': 12}
        >>> encoder.encode([clip.content for clip in clips])["frames"].shape
        (24, 12, 32, 32, 1)
    """

    kind = "clip"
    large = True
    kept = ("frames", "size", "channels")

    def __init__(self, labels, frames, size, channels):
        super().__init__(labels)
        self.frames, self.size, self.channels = frames, size, channels

    @classmethod
    def build(cls, examples):
        """The encoder of training examples, `Labelled` with uint8 `(frames, size, size, channels)`.

        Raises:
            DataError: there is no example, or one label alone; or a content is no such array, or
                has another shape than the first.
        """
        examples = tuple(examples)
        if not examples:
            raise DataError("There is no clip to learn from. Give clips of two labels at least.")
        encoder = cls(labels_of(examples), *_sizes_of(examples[0].content, 1))
        for number, example in enumerate(examples, start=1):
            encoder._require_pixels(example.content, number)
            if len(example.content) != encoder.frames:
                raise DataError(
                    f"Clip {number} has {len(example.content)} frames, the first one "
                    f"{encoder.frames}. Read all of them with the same `frames`."
                )
        return encoder

    @property
    def sizes(self):
        """The sizes that a builder needs: `size`, `channels` and `num_classes`."""
        return {"size": self.size, "channels": self.channels, "num_classes": len(self.labels)}

    def encode(self, contents, length=None):
        """Arrays for the model's inputs.

        A clip of another number of frames than `length` is brought to it by frames that are taken
        evenly from its first to its last: some are left out, or some come twice. So the numbers
        of a clip are the same whatever it is encoded with, and none of its frames is padding,
        which a network without masks would read as a picture.

        Args:
            contents: sequence of uint8 arrays `(frames, size, size, channels)`.
            length: frames; `None` is those that the encoder was built of.

        Returns:
            A dictionary with `frames`, float32 `(clips, length, size, size, channels)`, from 0
            to 1.

        Raises:
            DataError: a content is no such array, or of another size than the encoder's.
            ValueError: `length` is below 1.
        """
        length = self.frames if length is None else length
        if length < 1:
            raise ValueError(f"`length` must be 1 or more; received {length}.")
        shape = (len(contents), length, self.size, self.size, self.channels)
        frames = np.empty(shape, "float32")
        for number, clip in enumerate(contents):
            self._require_pixels(clip, number + 1)
            frames[number] = clip[evenly(len(clip), length)]
        frames /= 255
        return {"frames": frames}

    def lengths(self, contents):
        """Array `(contents,)`: the frames that each clip is brought to."""
        return np.full(len(contents), self.frames, "int32")

    def _require_pixels(self, clip, number):
        found = _sizes_of(clip, number)[1:]
        if found != (self.size, self.channels):
            raise DataError(
                f"Clip {number} has frames of {_written(*found)}; those of the training data are "
                f"of {_written(self.size, self.channels)}. Read all of them with the same `size` "
                "and `channels`."
            )


def _sizes_of(clip, number):
    """Frames, size and channels of a clip."""
    shape, kind = getattr(clip, "shape", None), getattr(clip, "dtype", None)
    square = shape is not None and len(shape) == 4 and shape[1] == shape[2]
    if not square or 0 in shape or kind != np.uint8:
        found = f"{kind} {shape}" if shape is not None else repr(type(clip).__name__)
        raise DataError(
            f"Clip {number} must be a uint8 array (frames, size, size, channels) of one frame or "
            f"more; received {found}. kerasrnn.data.read_video makes such arrays."
        )
    return shape[0], *shape[2:]


def _written(size, channels):
    return f"{size}x{size} pixels and {channels} channel{'s' * (channels != 1)}"
