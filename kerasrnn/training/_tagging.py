"""The task of tagging: one tag a token, measured by entities."""

import itertools
import random

import numpy as np

from kerasrnn.data import (
    DataError,
    TaggingVocabulary,
    batches,
    load_tfds,
    offline_ner,
    read_conll,
    write_conll,
)
from kerasrnn.data._conll import can_write
from kerasrnn.training._scores import entity_scores
from kerasrnn.training._tagger import Tagger
from kerasrnn.training._tagging_files import read_splits
from kerasrnn.training._task import Task

_SAMPLES = 32
_ROWS = 100  # of each kind of representative data
_SEED = 0


class _Tagging(Task):
    name = "tagging"
    item = "sentence"
    example = '"a sentence"'
    score = "f1"
    score_name = "F1"
    samples = "samples.conll"
    vocabulary = TaggingVocabulary
    decided_by = ("faker",)
    offline = staticmethod(offline_ner)

    def from_tfds(self, name, seed, files, report):
        return load_tfds(name)

    def from_files(self, data, seed, files, report):
        return read_splits(data, seed)

    def read(self, path, files, report, vocabulary=None):
        return read_conll(path)

    def require_learnable(self, data, splits):
        if not any(set(sentence.tags) - {"O"} for sentence in splits.train):
            where = data["train"] if data["source"] == "files" else data["source"]
            raise DataError(
                f"{where} has no entity tag; there is nothing to learn. Tag the words of entities "
                "B-TYPE and I-TYPE in the last column, such as B-PER."
            )

    def parts_of(self, sentence):
        rows = zip(sentence.tokens, sentence.tags, strict=True)
        return "\n".join(map("\t".join, rows)).encode() + b"\n\n"

    def choose_samples(self, sentences):
        samples = tuple(itertools.islice(filter(can_write, sentences), _SAMPLES))
        if not samples:
            raise DataError(
                "No test sentence can be written to a CoNLL file, which exports are compared on: "
                "each has a token that is empty or holds a tab, a line break or a space at its end."
            )
        return samples

    def write_samples(self, path, sentences):
        write_conll(path, sentences)

    def read_samples(self, path):
        return read_conll(path)

    def longest(self, vocabulary, sentences):
        return max(map(len, sentences))

    def dataset(self, vocabulary, sentences, recipe):
        return batches(
            vocabulary.encode(sentences),
            vocabulary.encode_tags(sentences),
            [len(sentence) for sentence in sentences],
            recipe.training["batch_size"],
            shuffle=True,
            seed=recipe.seed,
        )

    def require_readable(self, vocabulary, sentences, split):
        vocabulary.encode_tags(sentences)

    def predict(self, model, vocabulary, sentences, batch_size=256):
        lengths = np.array([len(sentence) for sentence in sentences])
        order = np.argsort(lengths, kind="stable")
        result = [None] * len(sentences)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            chosen = [sentences[row] for row in rows]
            outputs = model.predict_on_batch(vocabulary.encode(chosen, max(1, lengths[rows].max())))
            for row, output in zip(rows, outputs, strict=True):
                result[row] = vocabulary.decode(sentences[row].tokens, output)
        return result

    def scores(self, sentences, predicted, vocabulary, confidence=True):
        return entity_scores(sentences, predicted)

    def found_nothing(self, epochs):
        return (
            "Warning: no validation entity was found in any epoch. Train longer (such as --epochs "
            f"{3 * epochs}), in smaller steps (--batch-size 4), or on more "
            "sentences; and see that the validation sentences have entities."
        )

    def predictor(self, path, runtime="interpreter"):
        return Tagger(path, runtime, task=self)

    def unknown_said(self, path, sentences, vocabulary):
        unknown = sorted(_types(s.tags for s in sentences) - _types([vocabulary.tags]))
        if not unknown:
            return None
        known = ", ".join(sorted(_types([vocabulary.tags])))
        return (
            f"Warning: {path} has entities of {', '.join(unknown)}, which the model was "
            f"not trained on and never finds; its types are {known}."
        )

    def sample(self, vocabulary, sentence, length):
        return vocabulary.encode([sentence.tokens[:length]], length)

    def text_of(self, sentence):
        return " ".join(sentence.tokens)

    def representative(self, vocabulary, sentences, length):
        """Half are sentences as they come, padded; half are joined until they fill the length.

        Otherwise the last steps would see padding alone, and those read backwards first too.
        """
        drawn = random.Random(_SEED).sample(list(sentences), len(sentences))
        lines = [sentence.tokens[:length] for sentence in drawn[:_ROWS]]
        tokens = itertools.cycle(token for sentence in drawn for token in sentence.tokens)
        lines += [tuple(itertools.islice(tokens, length)) for _ in range(_ROWS)]
        return [vocabulary.encode([line], length) for line in lines]


def _types(lines):
    return {tag[2:] for tags in lines for tag in tags if tag != "O"}


TAGGING = _Tagging()
