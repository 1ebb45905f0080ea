"""Layers against the equations in NumPy over drawn shapes, masks, dtypes, cells and arguments."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasrnn.layers import BRNN, DeepRNN
from tests.reference import equations
from tests.reference.cases import CASES
from tests.reference.weights import (
    DOUBLES_ARE_WHOLE,
    EXACT,
    arrays,
    assert_same,
    built,
    normal,
    weights_of,
)

TOLERANCES = {"float32": {"rtol": 1e-5, "atol": 1e-5}, "float64": EXACT}
EPSILON = 1e-3  # of Keras's LayerNormalization
MERGES = {
    "concat": lambda forward, backward: np.concatenate([forward, backward], axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "mul": lambda forward, backward: forward * backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
}

examples = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],  # which speaks of the machine, not of the layers
)
sizes = st.integers(1, 4)
flags = st.booleans()
cases = st.sampled_from(list(CASES.values()))
dtypes = st.sampled_from(list(TOLERANCES))
seeds = st.integers(0, 999)


@st.composite
def sequences(draw, least_time=0):
    """Inputs `(batch, time, features)`, and a mask of any pattern or none."""
    batch, timesteps = draw(sizes), draw(st.integers(least_time, 6))
    x = normal(batch, timesteps, draw(sizes), seed=draw(seeds))
    kinds = {"none": None, "booleans": st.booleans(), "integers": st.sampled_from([0, 1, 2])}
    element = kinds[draw(st.sampled_from(list(kinds)))]
    if element is None:
        return x, None
    row = st.one_of(
        st.lists(element, min_size=timesteps, max_size=timesteps),
        st.just([False] * timesteps),
        st.integers(0, timesteps).map(lambda n: [True] * n + [False] * (timesteps - n)),
    )
    rows = draw(st.lists(row, min_size=batch, max_size=batch))
    mask = np.array(rows).reshape(batch, timesteps)
    return x, mask.astype("int32" if mask.dtype.kind == "i" else "bool")


def in_dtype(dtype, *values):
    """The values as a layer of this dtype reads them, in float64 for the equations."""
    return [value.astype(dtype).astype("float64") for value in values]


def first_states(layer, batch, given, seed):
    """States to start from: random ones, or zeros where the layer is given none."""
    if given:
        return [normal(batch, size, seed=seed + k) for k, size in enumerate(layer.state_size)]
    return [np.zeros((batch, size)) for size in layer.state_size]


def read(equation, x, states, weights, mask, output_state=0, **arguments):
    """`equations.run`, for sequences of no steps too: their last output is the first state."""
    batch, timesteps, _ = x.shape
    last, outputs, ends = equations.run(equation, x, states, weights, mask, **arguments)
    if timesteps == 0:
        last = states[output_state]
    return last, outputs.reshape(batch, timesteps, last.shape[-1]), ends


def check(layer, x, mask, states, given_states, expected, dtype):
    call = {"mask": mask}
    if given_states:
        call["initial_state"] = [state.astype(dtype) for state in states]
    result = layer(x.astype(dtype), **call)
    if DOUBLES_ARE_WHOLE:
        assert {array.dtype.name for array in arrays(result)} == {dtype}
    assert_same(result, expected, **TOLERANCES[dtype])


@examples
@given(
    sequence=sequences(),
    case=cases,
    units=sizes,
    dtype=dtypes,
    seed=seeds,
    go_backwards=flags,
    return_sequences=flags,
    return_state=flags,
    zero_output_for_mask=flags,
    unroll=flags,
    use_bias=flags,
    given_states=flags,
)
def test_a_layer_follows_the_equations(
    sequence,
    case,
    units,
    dtype,
    seed,
    go_backwards,
    return_sequences,
    return_state,
    zero_output_for_mask,
    unroll,
    use_bias,
    given_states,
):
    x, mask = sequence
    order = {"go_backwards": go_backwards, "zero_output_for_mask": zero_output_for_mask}
    layer = case.layer(
        units,
        return_sequences=return_sequences,
        return_state=return_state,
        unroll=unroll,
        use_bias=use_bias,
        dtype=dtype,
        **order,
    )
    built(layer, x.shape, seed)
    x, *states = in_dtype(dtype, x, *first_states(layer, len(x), given_states, seed))
    last, outputs, ends = read(case.equation, x, states, weights_of(layer.cell), mask, **order)
    expected = [outputs if return_sequences else last, *(ends if return_state else ())]
    check(layer, x, mask, states, given_states, expected, dtype)


@examples
@given(
    sequence=sequences(),
    pair=st.tuples(cases, cases),
    units=st.tuples(sizes, sizes),
    dtype=dtypes,
    seed=seeds,
    merge_mode=st.sampled_from([*MERGES, None]),
    turned=flags,
    return_sequences=flags,
    return_state=flags,
    unroll=st.tuples(flags, flags),
    use_bias=st.tuples(flags, flags),
    given_states=flags,
)
def test_two_directions_follow_the_equations(
    sequence,
    pair,
    units,
    dtype,
    seed,
    merge_mode,
    turned,
    return_sequences,
    return_state,
    unroll,
    use_bias,
    given_states,
):
    """Each copy of a cell of its own; with `turned` the first one is that which reads backwards."""
    x, mask = sequence
    if merge_mode not in ("concat", None):
        units = (units[0], units[0])
    copies = [
        case.layer(
            units[k],
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=bool(k) != turned,
            unroll=unroll[k],
            use_bias=use_bias[k],
            dtype=dtype,
        )
        for k, case in enumerate(pair)
    ]
    layer = BRNN(copies[0], merge_mode=merge_mode, backward_layer=copies[1], dtype=dtype)
    built(layer, x.shape, seed)
    x, *states = in_dtype(dtype, x, *first_states(layer, len(x), given_states, seed))
    joined, ends, rest = [], [], list(states)
    for case, copy in zip(pair, (layer.forward_layer, layer.backward_layer), strict=True):
        last, outputs, copy_ends = read(
            case.equation,
            x,
            [rest.pop(0) for _ in copy.state_size],
            weights_of(copy.cell),
            mask,
            go_backwards=copy.go_backwards,
            zero_output_for_mask=True,
        )
        in_order = outputs[:, ::-1] if copy.go_backwards else outputs
        joined.append(in_order if return_sequences else last)
        ends += copy_ends
    merged = joined if merge_mode is None else [MERGES[merge_mode](*joined)]
    expected = [*merged, *(ends if return_state else ())]
    check(layer, x, mask, states, given_states, expected, dtype)


def levels_in_one_step(equation_of, weights_of_level, counts, residual, norms):
    """One step of all levels: y[l]⟨t⟩ from a[l]⟨t−1⟩ and y[l−1]⟨t⟩, as `DeepRNN` states them."""

    def step(x_t, states, _):
        y, rest, ends = x_t, list(states), []
        for number, equation in enumerate(equation_of):
            level_states = [rest.pop(0) for _ in range(counts[number])]
            a, level_ends = equation(y, level_states, weights_of_level[number])
            y = a + y if residual and number > 0 else a
            if norms:
                gamma, beta = norms[number]
                from_mean = y - y.mean(axis=-1, keepdims=True)
                variance = np.mean(from_mean**2, axis=-1, keepdims=True)
                y = gamma * from_mean / np.sqrt(variance + EPSILON) + beta
            ends += level_ends
        return y, ends

    return step


@examples
@given(
    data=st.data(),
    levels=st.lists(st.tuples(cases, sizes, flags), min_size=1, max_size=3),
    dtype=dtypes,
    seed=seeds,
    residual=flags,
    layer_norm=flags,
    go_backwards=flags,
    return_sequences=flags,
    return_state=flags,
    zero_output_for_mask=flags,
    unroll=flags,
    given_states=flags,
)
def test_levels_follow_the_equations(
    data,
    levels,
    dtype,
    seed,
    residual,
    layer_norm,
    go_backwards,
    return_sequences,
    return_state,
    zero_output_for_mask,
    unroll,
    given_states,
):
    x, mask = data.draw(sequences(least_time=int(residual or layer_norm)))
    if residual:
        levels = [(case, levels[0][1], use_bias) for case, _, use_bias in levels]
    layer = DeepRNN(
        [case.layer(units, use_bias=use_bias, dtype=dtype) for case, units, use_bias in levels],
        residual=residual,
        layer_norm=layer_norm,
        go_backwards=go_backwards,
        return_sequences=return_sequences,
        return_state=return_state,
        zero_output_for_mask=zero_output_for_mask,
        unroll=unroll,
        dtype=dtype,
    )
    built(layer, x.shape, seed)
    x, *states = in_dtype(dtype, x, *first_states(layer, len(x), given_states, seed))
    weights = [weights_of(level.cell) for level in layer.levels]
    scales = in_dtype("float64", *layer.get_weights()[sum(map(len, weights)) :])
    counts = [len(level.state_size) for level in layer.levels]
    step = levels_in_one_step(
        [case.equation for case, *_ in levels],
        weights,
        counts,
        residual,
        list(zip(scales[::2], scales[1::2], strict=True)),
    )
    last, outputs, ends = read(
        step,
        x,
        states,
        weights[-1],
        mask,
        output_state=-counts[-1],
        go_backwards=go_backwards,
        zero_output_for_mask=zero_output_for_mask or residual or layer_norm,
    )
    expected = [outputs if return_sequences else last, *(ends if return_state else ())]
    check(layer, x, mask, states, given_states, expected, dtype)
