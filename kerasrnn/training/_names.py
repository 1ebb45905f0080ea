"""The task of models of names."""

import json

import numpy as np

from kerasrnn.data import (
    DataError,
    Labelled,
    NameEncoder,
    batches,
    novelty,
    offline_names,
    read_names,
)
from kerasrnn.data._token_encoder import END, PADDING
from kerasrnn.generation import generate
from kerasrnn.training._kneser_ney import KneserNey
from kerasrnn.training._next_token import NextToken

_POOLED = 0.5  # weight of the n-gram of all categories beside that of a name's own
_MADE = 1000  # names whose novelty is told
_MOST_LETTERS = 40


class _Names(NextToken):
    name = "name_generation"
    item = "name"
    unit_name = "character"
    example = "--count 10"
    samples = "samples.jsonl"
    vocabulary = NameEncoder
    decided_by = ("faker",)
    offline = staticmethod(offline_names)

    def from_tfds(self, name, seed, files, report):
        raise DataError(f"Names are not read from TFDS; received {name!r}. Give a file of names.")

    def read(self, path, files, report, vocabulary=None):
        options = {name: files[name] for name in ("text", "label", "encoding") if files.get(name)}
        return read_names(path, **options)

    def parts_of(self, example):
        return f"{example.content}\t{example.label}\n".encode()

    def dataset(self, vocabulary, examples, recipe):
        """Each name is a sequence of its own, which begins without a state."""
        streams = [vocabulary.encode(example) for example in examples]
        lengths = np.array([len(stream) for stream in streams])
        targets = np.zeros((len(streams), lengths.max()), "int32")
        for row, stream in enumerate(streams):
            targets[row, : len(stream)] = stream
        tokens = np.concatenate([np.full((len(streams), 1), END), targets[:, :-1]], axis=1)
        category = self.conditions(vocabulary, examples)["category"]
        return batches(
            {"tokens": tokens.astype("int32"), "category": category},
            targets,
            lengths,
            recipe.training["batch_size"],
            shuffle=True,
            seed=recipe.seed,
            boundaries=(8, 12, 16, 32),
            weights=(targets != PADDING).astype("float32"),
        )

    def ngram(self, splits, recipe, order):
        """An n-gram of all names and one of the name's own category, half and half."""
        vocabulary = self.vocabulary.build(splits.train, **recipe.vocabulary)

        def learned(examples):
            streams = [vocabulary.encode(example) for example in examples]
            return KneserNey(order, len(vocabulary)).fit(streams)

        pooled = learned(splits.train)
        of = {
            label: learned([example for example in splits.train if example.label == label])
            for label in vocabulary.categories
        }
        found = []
        for example in splits.test:
            stream = vocabulary.encode(example)
            both = np.logaddexp(
                np.log(_POOLED) + pooled.log_probs(stream),
                np.log(1 - _POOLED) + of[example.label].log_probs(stream),
            )
            found.append(both)
        return found

    def measured_beside(self, model, vocabulary, splits, recipe):
        """How many of the names that the model makes are new: not among those it learned from.

        Only what ends by `<EOS>` is a name that was made: one that was cut off would be new.
        """
        labels = [example.label for example in splits.train]
        chosen = np.random.default_rng(recipe.seed).choice(labels, _MADE)
        numbers = generate(
            model,
            [[]] * _MADE,
            _MOST_LETTERS + 1,  # or `<EOS>` after the last letter
            seed=recipe.seed,
            conditions={"category": [vocabulary.category(str(label)) for label in chosen]},
        )
        made = [vocabulary.decode(name) for name in numbers if len(name) <= _MOST_LETTERS]
        if not made:
            return {}
        known = [example.content for example in splits.train]
        return {"generated": {"made": len(made), **novelty(made, known)}}

    def sample_line(self, example):
        return json.dumps({"text": example.content, "label": example.label}, ensure_ascii=False)

    def sample_of_line(self, line):
        content = json.loads(line)
        return Labelled(content["text"], content["label"])


NAMES = _Names()
