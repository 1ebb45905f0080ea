"""Adam that tells how often its clipping acted."""

import keras
from keras import ops

from kerasrnn.training._recipe_entries import CLIPPING


class ClippedAdam(keras.optimizers.Adam):
    """Keras's Adam, which also counts the steps whose gradient was clipped.

    The weights become what Keras's Adam makes of them. Norms are those that Keras clips by: of the
    sparse gradient of an embedding, that of its rows before those of equal words are added up.

    Args:
        learning_rate: a number or a schedule.
        **kwargs: as `keras.optimizers.Adam` takes them, but for `loss_scale_factor` and
            `gradient_accumulation_steps`. Of `clipvalue` (the largest absolute value of an entry),
            `clipnorm` (the largest norm of the gradient of one weight) and `global_clipnorm` (the
            largest norm of all gradients together) one may be given.

    Example:
        >>> from kerasrnn.training._clipped_adam import ClippedAdam
        >>> ClippedAdam(0.01, clipvalue=0.5).clipping()
        {'by': 'clipvalue', 'at': 0.5, 'share_of_steps': 0.0, 'largest_norm': 0.0}
    """

    def __init__(self, learning_rate=0.001, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self._clipped_steps = self.add_variable((), "zeros", "int64", name="clipped_steps")
        self._largest_norm = self.add_variable((), "zeros", "float32", name="largest_norm")

    def apply(self, grads, trainable_variables=None):
        grads = list(grads)
        entries = [_entries(grad) for grad in grads if grad is not None]
        if entries:
            self._watch(entries)
        return super().apply(grads, trainable_variables)

    def _watch(self, entries):
        squares = ops.stack([ops.sum(ops.square(values)) for values in entries])
        norm = ops.sqrt(ops.sum(squares))
        if self._limits("clipvalue"):
            highest = [ops.max(ops.abs(values)) for values in entries]
            acted = ops.max(ops.stack(highest)) > self.clipvalue
        elif self._limits("clipnorm"):
            acted = ops.sqrt(ops.max(squares)) > self.clipnorm
        elif self._limits("global_clipnorm"):
            acted = norm > self.global_clipnorm
        else:
            acted = False
        self._clipped_steps.assign_add(ops.cast(acted, "int64"))
        # A norm that is no number says that training went wrong, not how large gradients are.
        finite = ops.where(ops.isfinite(norm), norm, ops.zeros_like(norm))
        self._largest_norm.assign(ops.maximum(self._largest_norm, finite))

    def _limits(self, name):
        return bool(getattr(self, name))

    def clipping(self):
        """What clipping did so far.

        Returns:
            Dictionary of `by`, one of `CLIPPING`, `at`, its value, `share_of_steps`, in which a
            gradient was above it, and `largest_norm`, of all gradients together, of the steps in
            which it was finite. Without clipping of the last one alone.
        """
        told = {"largest_norm": float(f"{float(self._largest_norm):.4g}")}
        by = next((name for name in CLIPPING if self._limits(name)), None)
        if by is None:
            return told
        share = int(self._clipped_steps) / max(1, int(self.iterations))
        return {"by": by, "at": getattr(self, by), "share_of_steps": round(share, 4), **told}


def clipping_of(optimizer):
    """What an optimizer's clipping did, as `ClippedAdam.clipping` tells it."""
    return getattr(optimizer, "inner_optimizer", optimizer).clipping()  # of mixed precision


def joined_clipping(found):
    """What clipping did in several trainings of equal length."""
    joined = {**found[0], "largest_norm": max(each["largest_norm"] for each in found)}
    if "by" in joined:
        shares = [each["share_of_steps"] for each in found]
        joined["share_of_steps"] = round(sum(shares) / len(shares), 4)
    return joined


def _entries(grad):
    """The numbers of a gradient in float32; of a sparse one its rows."""
    return ops.cast(getattr(grad, "values", grad), "float32")
