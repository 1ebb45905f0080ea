"""Truncated back-propagation: windows of each epoch, and states that go on within it."""

import keras
import numpy as np
import pytest

from kerasrnn.training._truncated import Carry, Windows, copy_weights
from kerasrnn.zoo import char_lm_gru

BATCH, WINDOW, TOKENS = 2, 4, 60
STREAMS = [np.array([*range(start, start + 6), 2], "int32") for start in range(3, 57, 6)]


def windows(seed=0, streams=lambda rng: STREAMS, **sizes):
    return Windows(streams, **{"batch_size": BATCH, "window": WINDOW, "seed": seed, **sizes})


def tokens_of(dataset):
    """The targets that count, in the order of rows."""
    parts = [dataset[number] for number in range(len(dataset))]
    targets, weights = (np.concatenate([p[k] for p in parts], axis=1) for k in (1, 2))
    return targets[weights > 0].tolist()


def model(stateful_batch=None, cell="full_gru"):
    return char_lm_gru(
        num_tokens=TOKENS, units=4, token_dim=3, cell=cell, dropout=0.0,
        stateful_batch=stateful_batch,
    )  # fmt: skip


def randomised(made):
    rng = np.random.default_rng(4)
    made.set_weights([rng.normal(0, 0.7, w.shape) for w in made.get_weights()])
    return made


# Windows


def test_each_epoch_has_every_token_once_in_an_order_of_its_own():
    dataset, found = windows(), []
    for _ in range(4):
        found.append(tokens_of(dataset))
        dataset.on_epoch_end()
    expected = sorted(np.concatenate(STREAMS).tolist())
    assert all(sorted(epoch) == expected for epoch in found)
    assert len({tuple(epoch) for epoch in found}) == 4


def test_the_seed_repeats_the_orders():
    def two(seed):
        dataset = windows(seed)
        first = tokens_of(dataset)
        dataset.on_epoch_end()
        return first, tokens_of(dataset)

    assert two(3) == two(3)
    assert two(3) != two(4)


def test_rows_go_on_from_window_to_window():
    dataset = windows()
    inputs = np.concatenate([dataset[n][0]["tokens"] for n in range(len(dataset))], axis=1)
    targets = np.concatenate([dataset[n][1] for n in range(len(dataset))], axis=1)
    weights = np.concatenate([dataset[n][2] for n in range(len(dataset))], axis=1)
    assert inputs.shape == (BATCH, len(dataset) * WINDOW)
    for row in range(BATCH):
        count = int(weights[row].sum())
        assert inputs[row, 1:count].tolist() == targets[row, : count - 1].tolist()


def test_the_sequences_of_an_epoch_may_be_changed_at_random():
    def streams(rng):
        return [stream + rng.integers(3) * (stream > 2) for stream in STREAMS]

    dataset, sums = windows(streams=streams), set()
    for _ in range(4):
        sums.add(sum(tokens_of(dataset)))
        dataset.on_epoch_end()
    assert len(sums) > 1


def test_an_epoch_of_another_length_is_refused():
    lengths = iter([20, 4])
    dataset = windows(streams=lambda rng: [np.arange(3, 3 + next(lengths))], batch_size=1)
    assert len(dataset) == 5
    with pytest.raises(ValueError, match="as many windows, 5; that of number 2 has 1"):
        dataset.on_epoch_end()


def test_windows_of_one_sequence_are_cut_elsewhere_in_each_epoch():
    dataset, firsts = windows(streams=lambda rng: [np.arange(3, 53)]), set()
    for _ in range(4):
        firsts.add(int(dataset[0][1][0, 0]))
        dataset.on_epoch_end()
    assert len(firsts) > 1


# Carry


@pytest.mark.parametrize("cell", ["full_gru", "lstm", "peephole_lstm"])
def test_states_go_on_within_an_epoch_and_are_forgotten_before_the_next(cell):
    """Two windows of the twin are one joined sequence of the plain model."""
    plain, twin = randomised(model(cell=cell)), model(BATCH, cell)
    copy_weights(plain, twin)
    callback = Carry(plain)
    callback.set_model(twin)
    tokens = np.random.default_rng(1).integers(3, TOKENS, (BATCH, 2 * WINDOW))
    joined = np.array(plain({"tokens": tokens}))
    for epoch in range(2):
        callback.on_epoch_begin(epoch)
        first = np.array(twin({"tokens": tokens[:, :WINDOW]}))
        second = np.array(twin({"tokens": tokens[:, WINDOW:]}))
        np.testing.assert_allclose(np.concatenate([first, second], 1), joined, atol=1e-5)
    without = np.array(twin({"tokens": tokens[:, :WINDOW]}))  # no new epoch: the state is there
    assert np.abs(without - joined[:, :WINDOW]).max() > 1e-3


class Spy(keras.callbacks.Callback):
    """What the twin's states and the plain model's weights are at an epoch's beginning and end."""

    def __init__(self, plain):
        super().__init__()
        self.plain, self.begun, self.ended, self.same = plain, [], [], []

    def _states(self):
        return np.array(self.model.get_layer("rnn_1").states[0])

    def on_epoch_begin(self, epoch, logs=None):
        self.begun.append(self._states())

    def on_epoch_end(self, epoch, logs=None):
        self.ended.append(self._states())
        pairs = zip(self.model.get_weights(), self.plain.get_weights(), strict=True)
        self.same.append(all(np.array_equal(*pair) for pair in pairs))


def test_in_fit_each_epoch_begins_without_states_and_ends_with_the_models_new_weights():
    plain, twin, dataset = randomised(model()), model(BATCH), windows()
    copy_weights(plain, twin)
    before, spy = plain.get_weights(), Spy(plain)
    twin.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    twin.fit(dataset, epochs=3, shuffle=False, verbose=0, callbacks=[Carry(plain), spy])
    assert not np.any(spy.begun)
    assert all(np.abs(states).max() > 1e-3 for states in spy.ended)
    assert spy.same == [True] * 3
    assert not np.array_equal(before[0], plain.get_weights()[0])


def test_fit_reads_each_window_of_each_epoch_in_its_order():
    class Told(Windows):
        """Tells which window of which epoch is asked for."""

        def __getitem__(self, number):
            told[-1].append((self._epoch, number))
            return super().__getitem__(number)

    class Begin(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            told.append([])

    told, twin = [[]], model(BATCH)  # Keras looks at some before the first epoch
    dataset = Told(lambda rng: STREAMS, BATCH, WINDOW, 0)
    twin.compile("sgd", "sparse_categorical_crossentropy")
    twin.fit(dataset, epochs=2, shuffle=False, verbose=0, callbacks=[Begin()])
    for epoch in told[1:]:
        assert [number for _, number in epoch] == list(range(len(dataset)))
    orders = [{order for order, _ in epoch} for epoch in told[1:]]
    assert [len(order) for order in orders] == [1, 1]
    assert orders[0] != orders[1]


def test_weights_of_another_model_are_not_copied():
    with pytest.raises(ValueError, match="shape|shorter|longer"):
        copy_weights(model(cell="lstm"), char_lm_gru(num_tokens=9, layers=2))
