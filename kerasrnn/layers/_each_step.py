import keras
from keras import ops
from keras.saving import register_keras_serializable


@register_keras_serializable(package="kerasrnn")
class EachStep(keras.layers.TimeDistributed):
    """Applies a layer to every time step by itself, all of them in one call.

    The steps become rows of a larger batch. `keras.layers.TimeDistributed` computes the same, but
    writes the layer down once a step where the number of steps is known, and where it is not, as
    in a SavedModel, Keras 3.15 computes as many steps as the batch has rows.

    Equations:

        y⟨t⟩ = layer(x⟨t⟩)

    Args:
        layer: a `keras.layers.Layer` or a model, of one input and one output.
        **kwargs: `name`, `dtype`, `trainable`.

    Call arguments:
        inputs: tensor `(batch, time, ...)`, of known sizes but for the first two.
        training: passed to the layer.

    Returns:
        Tensor `(batch, time, ...)`.

    Masking: hands the mask on; the layer itself is given none.

    Raises:
        ValueError: `layer` is no layer, or `inputs` has fewer than three axes.

    Example:
        >>> import keras
        >>> from keras import ops
        >>> from kerasrnn.layers import EachStep
        >>> tuple(EachStep(keras.layers.Conv2D(4, 3))(ops.ones((2, 5, 8, 8, 1))).shape)
        (2, 5, 6, 6, 4)
    """

    def call(self, inputs, training=None, mask=None):
        batch, time = ops.shape(inputs)[:2]
        # Keras tells the layer by itself whether this is training.
        outputs = self.layer(ops.reshape(inputs, (-1, *inputs.shape[2:])))
        # Unknown sizes are tensors; -1 may stand for one, and keeps a known time known.
        rows = batch if isinstance(batch, int) else -1
        return ops.reshape(outputs, (rows, time, *outputs.shape[1:]))
