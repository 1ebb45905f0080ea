"""The layer that a name in an argument stands for."""

from kerasrnn._hints import did_you_mean
from kerasrnn.layers._basic_rnn import BasicRNN
from kerasrnn.layers._full_gru import FullGRU
from kerasrnn.layers._lstm import LSTM
from kerasrnn.layers._peephole_lstm import PeepholeLSTM
from kerasrnn.layers._simplified_gru import SimplifiedGRU

_LAYERS = {
    "basic_rnn": BasicRNN,
    "simplified_gru": SimplifiedGRU,
    "full_gru": FullGRU,
    "lstm": LSTM,
    "peephole_lstm": PeepholeLSTM,
}


def cell_names():
    """Names of the library's cells, as `cell=` of the zoo's builders takes them.

    Returns:
        List of strings.

    Example:
        >>> from kerasrnn.layers import cell_names
        >>> cell_names()
        ['basic_rnn', 'simplified_gru', 'full_gru', 'lstm', 'peephole_lstm']
    """
    return list(_LAYERS)


def recurrent(cell, units, **kwargs):
    """The recurrent layer over a cell that is given by name.

    Args:
        cell: one of `cell_names()`, or a function that takes what the layers take.
        units: positive integer.
        **kwargs: other arguments of the layer.

    Returns:
        A layer.

    Raises:
        ValueError: no cell has that name.

    Example:
        >>> from kerasrnn.layers import recurrent
        >>> recurrent("full_gru", 8, return_sequences=True).units
        8
    """
    if callable(cell):
        return cell(units, **kwargs)
    if cell not in _LAYERS:
        hint = did_you_mean(cell, _LAYERS)
        raise ValueError(f"`cell` must be one of {', '.join(_LAYERS)}; received {cell!r}.{hint}")
    return _LAYERS[cell](units, **kwargs)
