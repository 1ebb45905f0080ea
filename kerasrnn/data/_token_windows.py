"""Windows of tokens that follow each other, for truncated back-propagation through time."""

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._token_encoder import END, PADDING


def token_windows(streams, batch_size, window):
    """Lays documents out for stateful training on windows, one after the other.

    Args:
        streams: iterable of documents' tokens, int arrays `(tokens,)`, as `TokenEncoder.encode`
            gives them.
        batch_size: rows of a window.
        window: tokens of a row.

    Returns:
        `TokenWindows`.

    Raises:
        DataError: there is no token.
        ValueError: a number is not positive, or a stream is no array of whole numbers `(tokens,)`.

    Example:
        >>> from kerasrnn.data import token_windows
        >>> windows = token_windows([[5, 6, 2], [7, 8, 9, 2]], batch_size=2, window=3)
        >>> [targets.tolist() for inputs, targets, weights in windows]
        [[[5, 6, 2], [8, 9, 2]], [[7, 0, 0], [0, 0, 0]]]
        >>> windows[0][0].tolist()
        [[2, 5, 6], [7, 8, 9]]
    """
    return TokenWindows(streams, batch_size, window)


class TokenWindows:
    """A sequence of windows `(inputs, targets, weights)`, each an array `(batch_size, window)`.

    The documents follow each other and are cut into `batch_size` rows of equal length, which are
    read side by side, `window` tokens at a time: row r of a window goes on where row r of the one
    before has ended, so that a layer's states can be kept from one to the next. Targets (int32) are
    the tokens; inputs (int32) are the ones before, an `<EOS>` before each document's first. Each
    token is a target once. What no token is left for is padding, 0, at the end of rows; its weight
    (float32) is 0, others' is 1.

    Args:
        streams: see `token_windows`.
        batch_size: rows of a window.
        window: tokens of a row.

    Example:
        >>> from kerasrnn.data import TokenWindows
        >>> windows = TokenWindows([[5, 6, 2], [7, 8, 9, 2]], batch_size=2, window=3)
        >>> len(windows), windows.num_tokens
        (2, 7)
        >>> inputs, targets, weights = windows[1]
        >>> weights.tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        >>> windows.shifted(epoch_seed=3).num_tokens
        7
    """

    def __init__(self, streams, batch_size, window):
        for name, value in (("batch_size", batch_size), ("window", window)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"`{name}` must be a positive integer; received {value!r}.")
        self.batch_size, self.window = int(batch_size), int(window)
        self._streams = [_checked(number, stream) for number, stream in enumerate(streams)]
        self.num_tokens = sum(map(len, self._streams))
        if not self.num_tokens:
            raise DataError("There is no token to learn from. Give documents that are not empty.")
        self._lay_out(self._streams, 0)

    def shifted(self, epoch_seed):
        """The same tokens in other windows: for each epoch, so that none is always cut alike.

        The documents are in another order, and the whole begins at another token; what stood
        before that one comes last.

        Args:
            epoch_seed: integer, or a list of such; the same gives the same windows.

        Returns:
            `TokenWindows`; this one is left as it is.
        """
        rng = np.random.default_rng(epoch_seed)
        other = object.__new__(TokenWindows)
        other.__dict__.update(self.__dict__)
        order = rng.permutation(len(self._streams))
        other._lay_out([self._streams[place] for place in order], rng.integers(self.num_tokens))
        return other

    def __len__(self):
        return self._weights.shape[0]

    def __getitem__(self, number):
        """Window `number`: `(inputs, targets, weights)`."""
        return self._inputs[number], self._targets[number], self._weights[number]

    def _lay_out(self, streams, start):
        targets = np.concatenate(streams)
        inputs = np.concatenate([part for s in streams if len(s) for part in ([END], s[:-1])])
        self._inputs = self._windows(np.roll(inputs.astype("int32"), -start))
        self._targets = self._windows(np.roll(targets, -start))
        self._weights = self._windows(np.ones(len(targets), "float32"))

    def _windows(self, values):
        """Array `(windows, batch_size, window)` of values one a token."""
        length = -(-len(values) // self.batch_size)
        count = -(-length // self.window)
        rows = np.full((self.batch_size * length), PADDING, values.dtype)
        rows[: len(values)] = values
        padded = np.full((self.batch_size, count * self.window), PADDING, values.dtype)
        padded[:, :length] = rows.reshape(self.batch_size, length)
        return np.ascontiguousarray(
            padded.reshape(self.batch_size, count, self.window).swapaxes(0, 1)
        )


def _checked(number, stream):
    array = np.asarray(stream)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(
            f"Stream {number} must be an array (tokens,) of whole numbers; its shape is "
            f"{array.shape}, its type {array.dtype}."
        )
    return array.astype("int32")
