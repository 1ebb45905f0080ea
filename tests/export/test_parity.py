import numpy as np
import pytest

from kerasrnn.export import ExportError, largest_excess
from kerasrnn.export._parity import Bound, require_parity, require_parity_by_name


def test_small_values_are_compared_absolutely_and_large_ones_relatively():
    assert largest_excess([0.5, 0.0], [0.25, 0.125]) == 0.25
    assert largest_excess([-8.0, 0.0], [-9.0, 0.0]) == 0.125


def test_equal_and_empty_arrays_do_not_differ():
    assert largest_excess(np.ones((2, 3)), np.ones((2, 3))) == 0.0
    assert largest_excess(np.ones((0, 3)), np.ones((0, 3))) == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_finite_number_on_one_side_differs_by_infinity(bad):
    assert largest_excess([1.0, 2.0], [1.0, bad]) == np.inf
    assert largest_excess([1.0, bad], [1.0, 2.0]) == np.inf


def test_differences_too_small_for_float32_sums_are_seen():
    assert largest_excess(np.float32([1.0]), np.float32([1.0 + 2**-23])) == 2**-23


def test_other_shapes_are_refused_even_where_they_would_broadcast():
    with pytest.raises(ExportError, match=r"Keras gives shape \(2, 1\), the file \(1, 2\)"):
        largest_excess(np.ones((2, 1)), np.ones((1, 2)))


def test_the_largest_difference_of_all_samples_comes_back():
    pairs = [([1.0], [1.0]), ([1.0], [1.000002]), ([1.0], [1.000001])]
    assert require_parity("It", pairs) == pytest.approx(2e-6)


@pytest.mark.parametrize("bad", [1.1, np.nan])
def test_a_difference_above_the_tolerance_is_an_error_that_names_the_sample(bad):
    pairs = [([1.0], [1.0]), ([1.0], [bad]), ([1.0], [1.0])]
    with pytest.raises(ExportError, match="^It differs from Keras by .* on sample 1; 1e-05 is all"):
        require_parity("It", pairs)


def test_a_difference_of_the_tolerance_itself_is_allowed():
    assert require_parity("It", [([0.0], [0.25])], tolerance=0.25) == 0.25


def test_nothing_to_compare_is_an_error():
    with pytest.raises(ExportError, match="^It: no inputs to compare"):
        require_parity("It", iter([]))


def test_a_bound_of_the_root_mean_square_is_over_all_samples():
    pairs = [([0.0, 0.0], [0.6, 0.0]), ([0.0, 0.0], [0.0, 0.0])]
    assert require_parity("It", pairs, Bound(1.0, 0.3)) == 0.6  # the root mean square is 0.3
    with pytest.raises(ExportError, match="^It differs from Keras by 0.3.* in the root mean sq"):
        require_parity("It", pairs, Bound(1.0, 0.29))
    with pytest.raises(ExportError, match="^It differs from Keras by 0.6.* on sample 0"):
        require_parity("It", pairs, Bound(0.5, 0.3))


def test_a_bound_of_the_root_mean_square_holds_for_each_output():
    large, small = np.zeros((1, 1000)), np.zeros((1, 2))
    pairs = {"large": [(large, large)], "small": [(small, small + 0.95)]}
    with pytest.raises(ExportError, match="output 'small'"):
        require_parity_by_name("The file", pairs, Bound(1.0, 0.1))
    assert require_parity_by_name("The file", pairs, Bound(1.0, 1.0)) == pytest.approx(0.95)
