"""A trained model of the next token, for use: from a folder with Keras, or from a TFLite file."""

import math

import numpy as np

from kerasrnn._arguments import ArgumentError
from kerasrnn.data import DataError, Labelled, Piece
from kerasrnn.data._token_encoder import END, UNKNOWN, TokenEncoder
from kerasrnn.training._find import named_model
from kerasrnn.training._token_readers import KerasReader, LiteRTReader


class LanguageModel:
    """A trained model of texts, names or music: probabilities of what is there, and new ones.

    Args:
        path: a folder that `train` wrote; a TFLite file of it, which is run step by step; or the
            name of a model that ships, whose TFLite file is taken.
        runtime: which of `LiteRTModel`'s runtimes runs the TFLite file.
        task: the task of the model; `None` finds out.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: what is there is no model of the next token, or a file without steps.

    Example:
        >>> from kerasrnn.training import LanguageModel
        >>> model = LanguageModel("char_lm_gru")
        >>> text = model.generate("Call me ", max_length=20, seed=1)
        >>> text.startswith("Call me ")
        True
        >>> model.sentence_log_prob("the whale") > model.sentence_log_prob("hte whlae")
        True
    """

    def __init__(self, path, runtime="interpreter", task=None):
        from kerasrnn.training._predictor import required_task

        path = named_model(path)
        self.task = required_task(path, TokenEncoder, "which tells no next token", task)
        self._reader = (
            KerasReader(path, self.task)
            if path.is_dir()
            else LiteRTReader(path, runtime, self.task)
        )
        self.vocabulary = self._reader.vocabulary

    @property
    def steps(self):
        """The `kerasrnn.generation.Steps` of the model, made once."""
        return self._reader.steps

    # Probabilities

    def predict(self, examples):
        """Log-probabilities of each example's tokens, a list of arrays."""
        examples = list(examples)
        if not examples:
            return []
        streams = [self.vocabulary.encode(example) for example in examples]
        return self._reader.log_probs(streams, self.task.conditions(self.vocabulary, examples))

    def count_cut(self, examples):
        """How many examples are longer than what the model reads: none, by steps."""
        return 0

    def sentence_log_prob(self, content, *, end=True, unknown="token", category=None):
        """ln P(y⟨1⟩, …, y⟨n⟩) = Σ_t ln P(y⟨t⟩ | y⟨1⟩, …, y⟨t−1⟩).

        Args:
            content: a text, or an example as the task has them.
            end: whether the `<EOS>` at the end counts.
            unknown: what a token counts that the vocabulary lacks: `"token"`, the probability of
                `<UNK>`, that of all unknown ones together; or `"skip"`, nothing, though the model
                reads it.
            category: of a model of names, the category of a name that is given as a string.

        Returns:
            A float, in nats.

        Raises:
            ValueError: `unknown` is another one, or a category is missing or unknown.
        """
        return self.score(content, end=end, unknown=unknown, category=category)["log_prob"]

    def score(self, content, *, end=True, unknown="token", category=None):
        """Probabilities of a text, token by token and as a whole.

        Args:
            content, end, unknown, category: as `sentence_log_prob` takes them.

        Returns:
            Dictionary of `log_prob` in nats, `perplexity` a token, `bits` a unit (`unit`, such as
            `"character"`), and `tokens`, a list of pairs of a symbol and its log-probability.
            Perplexity is `None` where no token counts, bits where tokens are left out.
        """
        content = self._example(content, category)
        counted = self._counted(content, end, unknown)
        total = sum(log_prob for _, log_prob in counted)
        left_out = self.vocabulary.counts_ends and not end
        units = self.vocabulary.count_units(content) - left_out
        whole = unknown == "token" and units > 0
        return {
            "log_prob": total,
            "perplexity": math.exp(-total / len(counted)) if counted else None,
            "bits": -total / math.log(2) / units if whole else None,
            "unit": self.vocabulary.unit,
            "tokens": counted,
        }

    def _example(self, content, category):
        """The content as the task has it: of a string of a model of categories, with its own."""
        if hasattr(self.vocabulary, "categories") and isinstance(content, str):
            return Labelled(content, self._category(category))
        self._require_categories(category)
        if category is not None:
            raise ArgumentError(
                "category",
                f"is for names that are strings; received {category!r} and "
                f"{type(content).__name__}.",
            )
        return content

    def _counted(self, content, end, unknown):
        """Pairs of a symbol and its log-probability, of the tokens that count."""
        if unknown not in ("token", "skip"):
            raise ValueError(f"`unknown` must be 'token' or 'skip'; received {unknown!r}.")
        numbers, (log_probs,) = self.vocabulary.encode(content), self.predict([content])
        pairs = list(zip(numbers.tolist(), log_probs.tolist(), strict=True))
        return [
            (self.vocabulary.symbol(number), log_prob)
            for number, log_prob in (pairs if end else pairs[:-1])
            if unknown == "token" or number != UNKNOWN
        ]

    # Generation

    def generate(self, prompt="", max_length=200, sampler=None, *, category=None, **options):
        """Goes on with a prompt, or with each of several.

        Args:
            prompt: a beginning: a string, or of music a `Piece`, or `""`; or a list of such.
            max_length: how many new tokens there are at most.
            sampler: one of `kerasrnn.generation`; `None` draws from the model's probabilities.
            category: of a model of names, one of `vocabulary.categories`, or one a prompt.
            **options: `seed`, `repetition` and others of `kerasrnn.generation.generate`.

        Returns:
            Prompt and answer as the vocabulary decodes them: a string or a `Piece`; of several
            prompts a list. A word of the prompt that the vocabulary lacks, which the model reads as
            `<UNK>`, stands there as it is.

        Raises:
            ValueError: a prompt is none, a category is missing or unknown, or an option is out of
                its bounds.
        """
        from kerasrnn.generation import generate

        self._require_goes_on(options)
        alone = not isinstance(prompt, (list, tuple))
        prompts = [prompt] if alone else list(prompt)
        if not prompts:
            return []
        encoded = [self._encoded(each) for each in prompts]
        answers = generate(
            self.steps,
            encoded,
            max_length,
            sampler,
            conditions=self._conditions(category, len(prompts)),
            **options,
        )
        found = [
            self._decoded([*before.tolist(), *answer.tolist()], self.unknown_in(prompt))
            for prompt, before, answer in zip(prompts, encoded, answers, strict=True)
        ]
        return found[0] if alone else found

    def stream(self, prompt="", max_length=None, sampler=None, *, category=None, **options):
        """Goes on with one prompt, token by token, as soon as each is known.

        Args:
            prompt, max_length, sampler, category, **options: as `generate` takes them, but for a
                `BeamSearch`; without `max_length` it goes on until `<EOS>`.

        Returns:
            Iterator of what is new at each token: strings that together are the text that
            `generate` gives, without the prompt.
        """
        from kerasrnn.generation import stream

        if self.task.writes_files:
            raise ValueError(f"A {self.task.item} is no text that grows; call `generate`.")
        self._require_goes_on(options)
        encoded = self._encoded(prompt)
        conditions = self._conditions(category, None)
        tokens = stream(self.steps, encoded, max_length, sampler, conditions=conditions, **options)
        return self._told(encoded, tokens, self.unknown_in(prompt))

    def unknown_in(self, prompt):
        """The tokens of a prompt that the vocabulary lacks, which the model reads as `<UNK>`.

        Args:
            prompt: a beginning, as `generate` takes one.

        Returns:
            List of strings, in their order. Of names and music it is empty: `generate` refuses
            what such a vocabulary lacks.

        Raises:
            ValueError: `prompt` is none.
        """
        self._require_prompt(prompt)
        return self.vocabulary.unknown_tokens(prompt)

    def read_prompt(self, prompt):
        """The prompt with which `generate` begins its answer: of a text, as the model reads it.

        Args:
            prompt: a beginning, as `generate` takes one.

        Returns:
            A string, or of music a `Piece`. Unknown tokens stand there as they are.

        Raises:
            ValueError: `prompt` is none, or of names or music, the vocabulary lacks a part of it.
        """
        return self._decoded(self._encoded(prompt).tolist(), self.unknown_in(prompt))

    def _encoded(self, prompt):
        """The numbers of a prompt's tokens."""
        self._require_prompt(prompt)
        return self.vocabulary.encode_prompt(prompt)

    def _require_prompt(self, prompt):
        """Raises DataError where a prompt is of another type."""
        kinds = {str: "a string", **({Piece: "or a Piece"} if self.task.writes_files else {})}
        if not isinstance(prompt, tuple(kinds)):
            raise DataError(
                f"A prompt is {' '.join(kinds.values())}, the beginning of a {self.task.item}, or "
                f"a list of such; received {type(prompt).__name__}: {prompt!r:.60}."
            )

    def _decoded(self, numbers, unknown):
        """The content that numbers stand for, their unknown tokens as the prompt has them."""
        return self.vocabulary.decode(numbers, **({"unknown": unknown} if unknown else {}))

    def _told(self, encoded, tokens, unknown=()):
        """What each token adds to the text."""
        last = self._spaced_by(encoded)
        unknown = list(unknown)
        for token in tokens:
            before = self._ending(last, unknown)
            if unknown and token == UNKNOWN:
                unknown = [*unknown[-_SPACED_BY:], self.vocabulary.symbol(UNKNOWN)]
            yield self._ending([*last, token], unknown)[len(before) :]
            last = self._spaced_by([*last, token])

    def _ending(self, numbers, unknown):
        """The content of the last tokens, of which `unknown` ends with the unknown ones."""
        count = numbers.count(UNKNOWN)
        return self._decoded(numbers, unknown[len(unknown) - count :] if count else [])

    def _spaced_by(self, tokens):
        """Tokens that decide the space before the next one: a few, and whether a quote is open."""
        tokens = [int(token) for token in tokens]
        left_out, kept = tokens[:-_SPACED_BY], tokens[-_SPACED_BY:]
        if END in left_out:
            left_out = left_out[len(left_out) - left_out[::-1].index(END) :]
        quote = self.vocabulary.number('"')
        is_open = quote != UNKNOWN and left_out.count(quote) % 2
        return [quote] * is_open + kept

    def _category(self, category):
        """A category, or the only one where none is named."""
        known = self.vocabulary.categories
        if category is None and len(known) == 1:
            (category,) = known
        if category is None:
            raise ArgumentError("category", f"must be one of {', '.join(known)}.")
        return category

    def _require_categories(self, category):
        """Raises ValueError where a category is given to a model that knows none."""
        if category is not None and not hasattr(self.vocabulary, "categories"):
            task = self.task.name.replace("_", " ")
            raise ArgumentError(
                "category", f"is for models of names, and this is one of {task}: leave it out."
            )

    def _require_goes_on(self, options):
        """Raises ValueError where an answer is to go on after the `<EOS>` that ends an example."""
        if options.get("end", END) is None and not self.task.has_segments:
            raise ValueError(
                f"<EOS> ends each {self.task.item}, after which nothing goes on: leave out "
                "`end=None` (--through)."
            )

    def _conditions(self, category, count):
        """The model's other inputs: arrays of `count` rows, or values where that is `None`."""
        if not hasattr(self.vocabulary, "categories"):
            self._require_categories(category)
            return None
        category = self._category(category)
        if count is None:
            return {"category": self.vocabulary.category(category)}
        several = isinstance(category, (list, tuple, np.ndarray))
        chosen = list(category) if several else [category] * count
        return {"category": np.array([self.vocabulary.category(each) for each in chosen], "int32")}


# How many tokens before one decide the space before it, at most, but for an open quote.
_SPACED_BY = 32
