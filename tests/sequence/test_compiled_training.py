"""The compiled way of training gives the numbers of the plain loop, for every cell."""

import keras
import numpy as np
import pytest

from kerasrnn import cells, layers
from kerasrnn.sequence import engine
from tests.conformance.registry import CELLS, LAYERS, ONE_OF_EACH_KIND, named
from tests.reference.weights import assert_same, built, normal

pytestmark = pytest.mark.tensorflow

ROWS, TIME, FEATURES = 25, 6, 4  # on two cores two shares, too small to be projected step by step
MASK = np.random.default_rng(0).random((ROWS, TIME)) < 0.6
MASK[0], MASK[1] = True, False


def draw(*shape, seed=0, dtype="float32"):
    return keras.ops.convert_to_tensor(normal(*shape, seed=seed), dtype)


def results(make, way, mask, *, known=True, dtype="float32", training=True):
    """Outputs, last states and all gradients of a layer in a graph."""
    import tensorflow as tf

    layer = built(make(), (ROWS, TIME, FEATURES))
    x = draw(ROWS, TIME, FEATURES, dtype=dtype)
    states = [draw(ROWS, size, seed=5 + k, dtype=dtype) for k, size in enumerate(layer.state_size)]
    weights = [weight.value for weight in layer.trainable_weights]
    shape = (ROWS, TIME, FEATURES) if known else (None, None, FEATURES)

    @tf.function(input_signature=[tf.TensorSpec(shape, dtype)])
    def step(x):
        with tf.GradientTape() as tape, engine(way):
            tape.watch([x, *states])
            y = layer(x, initial_state=states, mask=mask, training=training)
            loss = tf.add_n([tf.reduce_sum(tensor**2) for tensor in tf.nest.flatten(y)])
        return y, tape.gradient(loss, [x, *states, *weights])

    values = step(x)
    assert has_compiled_parts(step) == (way != "loop")
    return values


def has_compiled_parts(function):
    graph = function.get_concrete_function().graph.as_graph_def()
    bodies = [graph.node, *(inner.node_def for inner in graph.library.function)]
    return any(node.attr["_XlaMustCompile"].b for nodes in bodies for node in nodes)


WAYS_OF_CALLING = {
    "plain": ({}, None, {}, True),
    "masked, dropped, of unknown shape": (
        {"return_sequences": True, "zero_output_for_mask": True},
        MASK,
        {"dropout": 0.2, "recurrent_dropout": 0.3, "seed": 1},
        False,
    ),
    "masked, backwards": ({"return_sequences": True, "go_backwards": True}, MASK, {}, True),
}


@pytest.mark.long
@pytest.mark.parametrize(("known", "masked"), [(True, False), (False, True)])
@pytest.mark.parametrize("rows", [2, 20])  # projected all at once; four steps at a time
@pytest.mark.parametrize("length", [3, 4, 11])
def test_inference_in_rounds_of_steps_is_the_loop(length, rows, masked, known):
    import tensorflow as tf

    layer = built(layers.PeepholeLSTM(3, return_sequences=True, return_state=True), (None, None, 4))
    x = draw(rows, length, FEATURES)
    mask = normal(rows, length, seed=7) > -0.5 if masked else None

    def infer(way):
        @tf.function(input_signature=[tf.TensorSpec(x.shape if known else (None, None, FEATURES))])
        def of(x):
            with engine(way):
                return layer(x, mask=mask, training=False)

        return of(x)

    assert_same(infer("compiled"), infer("loop"), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "call",
    [c if c == "plain" else pytest.param(c, marks=pytest.mark.long) for c in WAYS_OF_CALLING],
)
@pytest.mark.parametrize(**named(CELLS))
def test_values_and_gradients_are_those_of_the_loop(entry, call):
    arguments, mask, of_cell, known = WAYS_OF_CALLING[call]

    def make():
        return layers.RNN(entry.factory(**of_cell), return_state=True, **arguments)

    assert_same(
        results(make, "auto", mask, known=known),
        results(make, "loop", mask, known=known),
        rtol=1e-4,
        atol=1e-4,
    )


@pytest.mark.long
@pytest.mark.parametrize(("known", "mask"), [(True, None), (False, MASK)])
@pytest.mark.parametrize(("way", "training"), [("compiled", False), ("recompute", True)])
def test_what_is_run_again_for_its_gradient_has_the_same(way, training, mask, known):
    def make():
        return layers.LSTM(3, return_sequences=True, return_state=True)

    assert_same(
        results(make, way, mask, known=known, training=training),
        results(make, "loop", mask, known=known, training=training),
        rtol=1e-4,
        atol=1e-4,
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("policy", "atol"), [("float64", 1e-10), ("mixed_bfloat16", 0.2), ("mixed_float16", 0.02)]
)
@pytest.mark.parametrize("make", [layers.PeepholeLSTM, layers.FullGRU])
def test_other_policies_are_computed_in_their_dtype(make, policy, atol):
    def layer():
        return make(3, dtype=policy, return_sequences=True)

    dtype = "float64" if policy == "float64" else "float32"
    compiled, loop = (results(layer, way, MASK, dtype=dtype) for way in ("auto", "loop"))
    assert compiled[0].dtype == keras.DTypePolicy(policy).compute_dtype
    compiled, loop = (
        [keras.ops.cast(tensor, "float64") for tensor in keras.tree.flatten(result)]
        for result in (compiled, loop)
    )
    assert_same(compiled, loop, rtol=1e-10 if policy == "float64" else 0.05, atol=atol)


@pytest.mark.long
@pytest.mark.parametrize("activation", ["hard_sigmoid", "gelu", "linear", keras.ops.sin])
def test_any_activation_is_differentiated(activation):
    def make():
        return layers.LSTM(3, activation=activation, recurrent_activation="hard_sigmoid")

    assert_same(results(make, "auto", None), results(make, "loop", None), rtol=1e-4, atol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize(**named([entry for entry in LAYERS if entry.name in ONE_OF_EACH_KIND]))
@pytest.mark.parametrize("stateful", [False, True])
def test_fit_trains_the_same_weights(entry, stateful):
    x, y = normal(2 * ROWS, TIME, FEATURES), normal(2 * ROWS, 1, seed=1)
    x[3:9, 4:] = 0

    def trained(way):
        inputs = keras.Input(batch_shape=(ROWS, TIME, FEATURES))
        layer = entry.factory(stateful=stateful)
        model = keras.Model(inputs, keras.layers.Dense(1)(layer(keras.layers.Masking()(inputs))))
        built(layer, (ROWS, TIME, FEATURES))
        model.layers[-1].set_weights(
            [np.ones((layer.compute_output_shape(x.shape)[-1], 1)), np.zeros(1)]
        )
        model.compile("sgd", "mse")
        with engine(way):
            model.fit(x, y, batch_size=ROWS, epochs=2, shuffle=False, verbose=0)
        return model.get_weights()

    assert_same(trained("auto"), trained("loop"), rtol=1e-4, atol=1e-5)


def test_a_last_batch_of_one_row_trains_too():
    x, y = normal(5, TIME, FEATURES), normal(5, 1, seed=1)

    def trained(way):
        inputs = keras.Input((None, FEATURES))
        layer = layers.LSTM(3)
        model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="ones")(layer(inputs)))
        built(layer, (None, TIME, FEATURES))
        model.compile("sgd", "mse")
        with engine(way):
            model.fit(x, y, batch_size=2, shuffle=False, verbose=0)
        return model.get_weights()

    assert_same(trained("auto"), trained("loop"), rtol=1e-4, atol=1e-5)


def test_a_layer_says_how_it_was_run():
    import tensorflow as tf

    layer = layers.LSTM(3)
    x = draw(ROWS, TIME, FEATURES)
    layer(x, training=True)
    assert layer.last_way == "loop: it was called eagerly, not in a tf.function"
    tf.function(lambda x: layer(x, training=True))(x)
    assert layer.last_way.startswith("compiled: ")
    tf.function(lambda x: layer(x, training=False))(x)
    assert layer.last_way.startswith("loop: it was outside of training")
    with engine("compiled"):
        tf.function(lambda x: layer(x))(x)
    assert layer.last_way.startswith('compiled: engine("compiled"); ')
    with engine("recompute"):
        tf.function(lambda x: layer(x, training=True))(x)
    assert layer.last_way.endswith("keeping the states every 3 steps")
    with engine("loop"):
        tf.function(lambda x: layer(x, training=True))(x)
    assert layer.last_way == 'loop: engine("loop")'


def test_keras_predict_and_evaluate_are_compiled_and_what_may_be_exported_is_not(tmp_path):
    import tensorflow as tf

    layer = layers.LSTM(3)
    inputs = keras.Input((TIME, FEATURES))
    model = keras.Model(inputs, layer(inputs))
    model.compile("sgd", "mse")
    x = normal(5, TIME, FEATURES)
    expected = model(x)
    assert_same(model.predict(x, batch_size=2, verbose=0), expected, rtol=1e-5, atol=1e-6)
    assert layer.last_way.startswith("compiled: in Keras's predict or evaluate; ")
    layer.last_way = None
    assert model.evaluate(x, np.asarray(expected), verbose=0) < 1e-10
    assert layer.last_way.startswith("compiled: in Keras's predict or evaluate; ")

    class Export(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            model.export(tmp_path / "model", verbose=False)

    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(x, np.asarray(expected), callbacks=[Export()], verbose=0)
    assert layer.last_way.startswith("loop: it was outside of training")
    exported = tf.saved_model.load(tmp_path / "model")
    assert_same(exported.serve(x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("known", [True, False])
def test_a_step_that_is_compiled_as_a_whole_recomputes_too(known):
    import tensorflow as tf

    layer = built(layers.LSTM(3), (ROWS, TIME, FEATURES))
    x = draw(ROWS, TIME, FEATURES)
    signature = [tf.TensorSpec(x.shape if known else (None, None, FEATURES))]

    def gradients(way, jit):
        @tf.function(jit_compile=jit, input_signature=signature)
        def step(x):
            with tf.GradientTape() as tape, engine(way):
                tape.watch(x)
                y = layer(x, training=True)
            return tape.gradient(y, [x, *(weight.value for weight in layer.trainable_weights)])

        return step(x)

    assert_same(gradients("recompute", True), gradients("loop", None), rtol=1e-4, atol=1e-4)


def test_a_function_that_predict_calls_is_not_compiled_as_it_may_be_exported():
    import tensorflow as tf

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.layer = layers.LSTM(3)

        @tf.function
        def call(self, x):
            return self.layer(x)

    model = Model()
    model.predict(normal(4, TIME, FEATURES), verbose=0)
    assert model.layer.last_way.startswith("loop: it was outside of training")


class NoisyCell(cells.Cell):
    """Draws numbers in its step, which a second run would draw anew."""

    gates = ("a",)
    state_names = ("a",)

    def step(self, projected, states, matmul):
        noise = keras.random.normal(keras.ops.shape(projected), seed=self.seed_generator)
        a = self.activation(projected + matmul(states[0], self.recurrent_kernel) + noise)
        return a, [a]


class LookingCell(cells.Cell):
    """Uses a tensor that is none of its weights."""

    gates = ("a",)
    state_names = ("a",)
    seen = None

    def step(self, projected, states, matmul):
        a = self.activation(projected + matmul(states[0], self.recurrent_kernel) + self.seen)
        return a, [a]


def test_a_step_that_draws_numbers_is_run_in_the_loop():
    import tensorflow as tf

    layer = layers.RNN(NoisyCell(3, seed=1))
    x = draw(ROWS, TIME, FEATURES)
    layer.build(x.shape)
    tf.function(lambda x: layer(x, training=True))(x)
    assert layer.last_way.startswith("loop: its step has effects or draws numbers (")


def test_a_step_that_looks_elsewhere_is_run_in_the_loop_and_its_gradient_goes_there():
    import tensorflow as tf

    layer = layers.RNN(LookingCell(3))
    x, elsewhere = draw(ROWS, TIME, FEATURES), draw(ROWS, 3, seed=1)
    layer.build(x.shape)

    @tf.function
    def gradient(x, elsewhere):
        with tf.GradientTape() as tape:
            tape.watch(elsewhere)
            layer.cell.seen = elsewhere * 2
            return tape.gradient(tf.reduce_sum(layer(x, training=True)), elsewhere)

    assert np.abs(gradient(x, elsewhere)).min() > 0
    assert layer.last_way == "loop: its step uses tensors that are none of its weights"


class OddCell(cells.Cell):
    """A cell whose step is given; it has one gate and one state."""

    gates = ("a",)
    state_names = ("a",)

    def __init__(self, units, odd, **kwargs):
        super().__init__(units, **kwargs)
        self.odd = odd

    def step(self, projected, states, matmul):
        a = self.activation(self.odd(self, projected, states[0], matmul))
        return a, [a]


class ProjectingCell(OddCell):
    def project(self, inputs):
        return super().project(inputs) * 2


class NormalisingCell(OddCell):
    def build(self, input_shape):
        super().build(input_shape)
        self.norm = keras.layers.LayerNormalization()
        self.norm.build((None, self.units))


def usual(cell, projected, a, matmul):
    return projected + matmul(a, cell.recurrent_kernel)


def mixing_rows(cell, projected, a, matmul):
    return usual(cell, projected, a, matmul) - keras.ops.max(a, axis=0)


def product_without_slope(cell, projected, a, matmul):
    product = matmul(a, cell.recurrent_kernel)
    return projected + keras.ops.stop_gradient(product) * a


def weight_of_the_state(cell, projected, a, matmul):
    return projected + matmul(a, cell.recurrent_kernel * keras.ops.sum(a[:1]))


def product_of_rank_three(cell, projected, a, matmul):
    return projected + matmul(a[:, None], cell.recurrent_kernel)[:, 0]


@pytest.mark.parametrize(
    ("make", "odd", "reason"),
    [
        (OddCell, usual, None),
        (ProjectingCell, usual, "its projection is its own"),
        (NormalisingCell, usual, "it has layers inside"),
        (OddCell, mixing_rows, "its rows are not independent of each other"),
        (OddCell, product_without_slope, "its step cannot be taken apart"),
        (OddCell, weight_of_the_state, "its rows are not independent of each other"),
        (OddCell, product_of_rank_three, "its gradient is not that of its recorded products"),
    ],
)
def test_what_the_compiled_way_cannot_do_is_run_in_the_loop(make, odd, reason):
    import tensorflow as tf

    layer = layers.RNN(make(3, odd))
    x = draw(ROWS, TIME, FEATURES)
    layer.build(x.shape)
    tf.function(lambda x: layer(x, training=True))(x)
    expected = "compiled: " if reason is None else f"loop: {reason}"
    assert layer.last_way.startswith(expected)


class OutputCell(cells.Cell):
    """Its output is none of its states, which are twice the same."""

    gates = ("a",)
    state_names = ("a", "b")

    def step(self, projected, states, matmul):
        a, b = states
        new = self.activation(projected + matmul(a, self.recurrent_kernel) - 0.5 * b)
        return new * a + b, [new, new]


class LateCell(cells.Cell):
    """Its output is the state before this step."""

    gates = ("a",)
    state_names = ("a",)

    def step(self, projected, states, matmul):
        (a,) = states
        return a, [self.activation(projected + matmul(a, self.recurrent_kernel))]


@pytest.mark.long
@pytest.mark.parametrize("way", ["compiled", "recompute"])
@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("cell", [OutputCell, LateCell])
def test_outputs_that_are_no_new_states_have_their_gradients(cell, mask, way):
    def make():
        return layers.RNN(cell(3), return_sequences=True, return_state=True)

    found = results(make, way, mask, known=mask is not None)
    assert_same(found, results(make, "loop", mask), rtol=1e-4, atol=1e-4)


@pytest.mark.long
@pytest.mark.parametrize("way", ["compiled", "recompute"])
def test_several_losses_are_differentiated_at_once(way):
    import tensorflow as tf

    layer = built(layers.LSTM(3), (ROWS, TIME, FEATURES))
    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function
    def two_tapes(x, way):
        with tf.GradientTape() as one, tf.GradientTape() as other, engine(way):
            one.watch(weights), other.watch(weights)
            y = layer(x, training=True)
            losses = tf.reduce_sum(y**2), tf.reduce_sum(tf.sin(y))
        return one.gradient(losses[0], weights), other.gradient(losses[1], weights)

    @tf.function
    def persistent_tape(x, way):
        with tf.GradientTape(persistent=True) as tape, engine(way):
            tape.watch(weights)
            y = layer(x, training=True)
            losses = tf.reduce_sum(y**2), tf.reduce_sum(tf.sin(y))
        return [tape.gradient(loss, weights) for loss in losses]

    x = draw(ROWS, TIME, FEATURES)
    expected = two_tapes(x, "loop")
    assert_same(two_tapes(x, way), expected, rtol=1e-4, atol=1e-4)
    assert_same(persistent_tape(x, way), expected, rtol=1e-4, atol=1e-4)


def second_derivative(way, of, power):
    """The derivative, with respect to the input or a weight, of a sum of powers of a gradient."""
    import tensorflow as tf

    layer = built(layers.FullGRU(3), (ROWS, TIME, FEATURES))

    @tf.function(autograph=False)  # which would wrap the error
    def found(x):
        source = x if of == "input" else layer.cell.kernel.value
        with tf.GradientTape() as outer:
            outer.watch(source)
            with tf.GradientTape() as inner, engine(way):
                inner.watch(x)
                y = tf.reduce_sum(layer(x, training=True))
            slope = tf.reduce_sum(inner.gradient(y, x) ** power)
        return outer.gradient(slope, source)

    return found(draw(ROWS, TIME, FEATURES))


# Of the first power nothing but the layer's own gradient hangs on the source.
@pytest.mark.parametrize(("of", "power"), [("input", 2), ("weight", 1)])
def test_second_derivatives_are_refused_and_the_loop_has_them(of, power):
    with pytest.raises(LookupError, match=r'no second derivatives.*engine\("loop"\)'):
        second_derivative("auto", of, power)
    assert np.abs(second_derivative("loop", of, power)).max() > 0


@pytest.mark.parametrize("way", ["fast", None, "xla"])
def test_an_unknown_way_is_refused(way):
    with pytest.raises(
        ValueError, match=f"`way` must be 'auto', 'loop', 'compiled' or 'recompute'.*{way!r}"
    ):
        engine(way).__enter__()


def test_few_lengths_are_compiled():
    import tensorflow as tf

    from kerasrnn._lengths import padded_length
    from kerasrnn.sequence._tensorflow_engine import _padded

    any_length = tf.TensorSpec((1, None, 2))

    @tf.function(input_signature=[any_length])
    def padded_and_masked(inputs):
        return _padded(inputs, None, in_pieces=True)

    lengths = range(0, 1025)
    padded = []
    for length in lengths:
        inputs, mask, piece = padded_and_masked(tf.ones((1, length, 2)))
        assert inputs.shape[1] % int(piece) == 0
        assert inputs.shape[1] == padded_length(length)
        assert_same(mask[0], np.arange(mask.shape[1]) < length)
        assert np.all(np.asarray(inputs) == (length > 0))  # copies of a real step, if there is one
        padded.append(inputs.shape[1])
    assert all(
        length <= longer <= 1.25 * length
        for length, longer in zip(lengths[4:], padded[4:], strict=True)
    )
    assert len(set(padded)) <= 4 * 10


def plan_of(cell, masked=False):
    import tensorflow as tf

    from kerasrnn.sequence._tensorflow_plan import plan
    from kerasrnn.sequence._tensorflow_step import Step

    cell.build((None, FEATURES))
    weights = [tf.convert_to_tensor(weight) for weight in cell.weights]
    width = len(cell.gates) * cell.units
    return plan(Step(cell, False), 7, width, weights, "float32", masked, False)


def test_of_an_lstm_gates_and_states_alone_are_kept():
    plan = plan_of(cells.LSTMCell(3))
    assert (plan.projected, plan.products) == (False, [False])
    assert plan.activations == [True] * 5
    assert plan.slope_is_projected == [True]  # so that no second sequence of slopes is collected
    assert plan.operand_of == [1]  # the state a, which is the output too
    assert plan.inner == []


def test_of_a_full_gru_the_operand_of_the_candidate_is_made_again():
    plan = plan_of(cells.FullGRUCell(3))
    assert plan.operand_of == [1, None]
    assert plan.products == [False, False]


def test_of_an_activation_without_a_known_slope_its_argument_is_kept():
    plan = plan_of(cells.BasicRNNCell(3, activation="gelu"))
    assert (plan.projected, plan.products) == (True, [True])


def test_peepholes_are_the_weights_inside_the_loop():
    cell = cells.PeepholeLSTMCell(3)
    plan = plan_of(cell)
    assert [cell.weights[place].name for place in plan.inner] == ["peephole_kernel"]
