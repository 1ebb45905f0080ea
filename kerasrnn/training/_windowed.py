"""The tasks of models of long sequences, which training reads window by window."""

from abc import abstractmethod

from kerasrnn.training._next_token import NextToken
from kerasrnn.training._recipe_entries import RecipeError


class Windowed(NextToken):
    """Truncated back-propagation: a stateful twin of the model is trained, and the states go on.

    A subclass has `length`; perhaps `begins_anew`, and `streams`, what an epoch reads.
    """

    row = "row"
    begins_anew = False  # whether training forgets one example before it reads the next

    def require_consistent(self, recipe):
        if "window" not in recipe.training:
            raise RecipeError(
                f"[training] lacks window, after how many tokens of a {self.item} back-propagation "
                "ends. Give it, such as 64."
            )

    @abstractmethod
    def length(self, examples, recipe):
        """About how many tokens examples have, before there is a vocabulary."""

    def count_rows(self, examples, recipe):
        """Windows of all characters: their tokens are known only with a vocabulary."""
        return max(1, self.length(examples, recipe) // recipe.training["window"])

    def streams(self, vocabulary, examples, rng):
        """The sequences of an epoch, int32 arrays; a subclass may change them at random."""
        return [vocabulary.encode(example) for example in examples]

    def dataset(self, vocabulary, examples, recipe):
        from kerasrnn.training._fresh_windows import FreshWindows
        from kerasrnn.training._truncated import Windows

        settings = recipe.training
        return (FreshWindows if self.begins_anew else Windows)(
            lambda rng: self.streams(vocabulary, examples, rng),
            settings["batch_size"],
            settings["window"],
            recipe.seed,
        )

    def trainee(self, model, vocabulary, recipe):
        from kerasrnn.training._truncated import copy_weights
        from kerasrnn.zoo import get_builder

        arguments = {**vocabulary.sizes, **recipe.arguments}
        rows = recipe.training["batch_size"]
        twin = get_builder(recipe.model)(**arguments, stateful_batch=rows)
        copy_weights(model, twin)
        return super().trainee(twin, vocabulary, recipe)

    def callbacks(self, model, dataset):
        from kerasrnn.training._fresh_windows import Forget
        from kerasrnn.training._truncated import Carry

        yield Carry(model)
        if self.begins_anew:
            yield Forget(dataset)
