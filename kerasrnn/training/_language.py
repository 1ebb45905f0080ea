"""The task of language models."""

import json

from kerasrnn.data import (
    Document,
    LanguageEncoder,
    load_tfds_documents,
    moby_dick,
    offline_topics,
    read_documents,
)
from kerasrnn.data._hold_out_documents import hold_out_documents
from kerasrnn.training._windowed import Windowed

_CHARACTERS = 200  # of each document that a trained model keeps
_OF_A_WORD = 5  # characters a word, about


class _Language(Windowed):
    name = "language_modelling"
    item = "document"
    unit_name = "character"
    has_segments = True
    example = "--prompt 'Some words'"
    samples = "samples.jsonl"
    vocabulary = LanguageEncoder
    offline = staticmethod(offline_topics)
    sources = {"moby_dick": moby_dick}

    def from_tfds(self, name, seed, files, report):
        segments = files.get("segments") or "auto"
        most = int(files.get("most") or 0) or None
        options = {} if segments == "auto" else {"segments": segments}
        return load_tfds_documents(name, seed=seed, most=most, report=report, **options)

    def read(self, path, files, report, vocabulary=None):
        segments, encoding = files.get("segments") or "auto", files.get("encoding") or None
        return read_documents(path, segments, encoding, report)

    def hold_out(self, examples, parts, seed):
        return hold_out_documents(examples, parts, seed=seed)

    def parts_of(self, example):
        return "\n".join((example.name, *example.segments, "")).encode()

    def length(self, examples, recipe):
        characters = sum(len(part) + 1 for example in examples for part in example.segments)
        words = recipe.vocabulary.get("level") == "word"
        return characters // (_OF_A_WORD if words else 1)

    def decides(self, recipe):
        if recipe.vocabulary.get("level") == "word":
            return "perplexity", "perplexity"
        return super().decides(recipe)

    def choose_samples(self, examples):
        """The beginning of each document: enough to compare exports on, and no book."""
        return tuple(_beginning(example) for example in super().choose_samples(examples))

    def sample_line(self, example):
        content = {"name": example.name, "segments": example.segments}
        return json.dumps(content, ensure_ascii=False)

    def sample_of_line(self, line):
        content = json.loads(line)
        return Document(tuple(content["segments"]), content["name"])


def _beginning(document):
    kept, left = [], _CHARACTERS
    for segment in document.segments:
        kept.append(segment[:left])
        left -= len(segment)
        if left <= 0:
            break
    return Document(tuple(kept), document.name)


LANGUAGE = _Language()
