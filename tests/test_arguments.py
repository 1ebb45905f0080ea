"""An error of an argument knows the argument's name."""

import pytest

from kerasrnn._arguments import ArgumentError
from kerasrnn.generation import BeamSearch, Repetition, Temperature, TopK, TopP


def test_the_message_names_the_argument_and_what_a_caller_can_do():
    error = ArgumentError("p", "must be above 0.", "Or call f().")
    assert str(error) == "`p` must be above 0. Or call f()."
    assert (error.argument, error.rule) == ("p", "must be above 0.")
    assert str(ArgumentError("p", "must be above 0.")) == "`p` must be above 0."


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: Temperature(-1), "temperature"),
        (lambda: TopK(0), "k"),
        (lambda: TopK(1, 0), "temperature"),
        (lambda: TopP(2), "p"),
        (lambda: BeamSearch(0), "width"),
        (lambda: BeamSearch(1, -1), "length_penalty"),
        (lambda: Repetition(0), "penalty"),
        (lambda: Repetition(1, no_repeat=-1), "no_repeat"),
        (lambda: Repetition(1, no_repeat=99), "no_repeat"),
    ],
)
def test_samplers_say_which_argument_is_wrong(call, argument):
    with pytest.raises(ArgumentError, match=f"`{argument}` must ") as caught:
        call()
    assert caught.value.argument == argument
