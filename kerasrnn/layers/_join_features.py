import keras
from keras.saving import register_keras_serializable


@register_keras_serializable(package="kerasrnn")
class JoinFeatures(keras.layers.Concatenate):
    """Puts the features of several inputs side by side and keeps the mask of the first.

    `keras.layers.Concatenate` joins the masks too, feature by feature, where some inputs have
    none; here the first input says which time steps are real.

    Equations:

        y⟨t⟩ = [x_1⟨t⟩, x_2⟨t⟩, …]

    Args:
        **kwargs: `name`, `dtype`.

    Call arguments:
        inputs: list of tensors `(batch, time, features)`, features of any size each.

    Returns:
        Tensor `(batch, time, sum of the features)`.

    Masking: the mask of the first input.

    Raises:
        ValueError: `inputs` is no list, or its tensors differ in batch or time.

    Example:
        >>> from keras import ops
        >>> from kerasrnn.layers import JoinFeatures
        >>> tuple(JoinFeatures()([ops.ones((2, 5, 3)), ops.ones((2, 5, 4))]).shape)
        (2, 5, 7)
    """

    def __init__(self, **kwargs):
        kwargs.pop("axis", None)  # Concatenate writes it into the configuration
        super().__init__(axis=-1, **kwargs)

    def compute_mask(self, inputs, mask=None):
        return None if mask is None else mask[0]
