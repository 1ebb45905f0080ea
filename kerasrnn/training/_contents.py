"""The tasks of classification by their contents: texts, letters, clips, vectors."""

import itertools
from dataclasses import replace

import numpy as np

from kerasrnn._files import atomic_file
from kerasrnn.data import (
    BagOfWordsEncoder,
    ClipEncoder,
    DataError,
    DnaEncoder,
    Labelled,
    Splits,
    TextEncoder,
    VectorEncoder,
    load_tfds_labelled,
    offline_dna,
    offline_sentiment,
    offline_video,
    read_fasta,
    read_labelled,
    read_sequences,
    read_vectors,
    read_video,
    read_videos,
    tokenize,
    write_labelled,
)
from kerasrnn.data._dna_encoder import LETTER_SHARES, nucleotides
from kerasrnn.data._labelled_files import is_writable
from kerasrnn.data._recombination import Recombination
from kerasrnn.training._classification import Classification

_FASTA = tuple(
    suffix + zipped
    for suffix in (".fa", ".fas", ".fasta", ".fna", ".ffn")
    for zipped in ("", ".gz")
)


class _Strings(Classification):
    """Contents that are strings."""

    samples = "samples.jsonl"

    def from_tfds(self, name, seed, files, report):
        return load_tfds_labelled(name, seed=seed, report=report)

    def parts_of(self, example):
        return "\t".join((example.content, example.label, example.part)).encode() + b"\n"

    def choose_samples(self, examples):
        kept = [example for example in examples if is_writable(example)]
        if not kept:
            raise DataError(
                f"No test {self.item} can be written to a file, which exports are compared on: "
                "each holds a NUL character or half of a surrogate pair, or its label has spaces "
                "around it."
            )
        return super().choose_samples(tuple(kept))

    def write_samples(self, path, examples):
        write_labelled(path, examples)

    def read_samples(self, path):
        return read_labelled(path)


class _Arrays(Classification):
    """Contents that are arrays of one shape."""

    samples = "samples.npz"

    def parts_of(self, example):
        return np.ascontiguousarray(example.content).tobytes() + example.label.encode() + b"\n"

    def write_samples(self, path, examples):
        contents = np.stack([example.content for example in examples])
        labels = np.array([example.label for example in examples])
        with atomic_file(path) as temporary:
            np.savez_compressed(temporary, contents=contents, labels=labels)

    def read_samples(self, path):
        with np.load(path) as stored:
            pairs = zip(stored["contents"], stored["labels"], strict=True)
            return tuple(Labelled(content, str(label)) for content, label in pairs)


class _Texts(_Strings):
    name = "text_classification"
    item = "text"
    example = '"a text"'
    vocabulary = TextEncoder
    dense_task = "bag_of_words"
    offline = staticmethod(offline_sentiment)

    def read(self, path, files, report, vocabulary=None):
        return _read_own(path, files)

    def text_of(self, example):
        return example.content

    def joined(self, contents, length, count):
        tokens = itertools.cycle(t for content in contents for t in tokenize(content))
        return [tuple(itertools.islice(tokens, length)) for _ in range(count)]


class _BagsOfWords(_Texts):
    name = "bag_of_words"
    vocabulary = BagOfWordsEncoder
    has_steps = False
    text_of = None

    def joined(self, contents, length, count):
        return []


class _Dna(_Strings):
    name = "dna_classification"
    item = "sequence"
    example = "ACGT…"
    vocabulary = DnaEncoder
    offline = staticmethod(offline_dna)

    def read(self, path, files, report, vocabulary=None):
        if str(path).lower().endswith(_FASTA):
            return read_fasta(path, **_chosen(files, "labels"))
        return _with_large_letters(path, _read_own(path, files))

    def from_tfds(self, name, seed, files, report):
        splits = super().from_tfds(name, seed, files, report)
        return Splits(*(_with_large_letters(f"tfds:{name}", part) for part in splits))

    dense_task = "vector_classification"

    def vector_size(self, examples):
        return LETTER_SHARES.shape[1] * max(len(example.content) for example in examples)

    def augmentation(self, inputs, labels, lengths, recipe):
        share = recipe.training.get("recombine", 0.0)
        if not share:
            return None
        return {"letters": Recombination(inputs["letters"], labels, lengths, share)}

    def as_vectors(self, splits):
        """One-hot rows, one after the other: of the length of the longest training sequence."""
        length = self.vector_size(splits.train) // LETTER_SHARES.shape[1]
        reader = DnaEncoder.build(splits.train, max_length=length)

        def flat(letters):
            numbers = reader.encode([letters[:length]], length)["letters"][0]
            return LETTER_SHARES[numbers].reshape(-1)

        return _map_contents(splits, flat)

    def joined(self, contents, length, count):
        letters = itertools.cycle("".join(contents))
        return ["".join(itertools.islice(letters, length)) for _ in range(count)]

    def inputs_of(self, argument, vocabulary):
        if str(argument).lower().endswith(_FASTA):
            return read_sequences(argument)
        return [(argument, argument)]


class _Clips(_Arrays):
    name = "video_classification"
    item = "clip"
    example = "clip.mp4"
    vocabulary = ClipEncoder
    decided_by = ("numpy",)
    offline = staticmethod(offline_video)

    def from_tfds(self, name, seed, files, report):
        sizes = _chosen(files, "frames", "size")
        return load_tfds_labelled(name, seed=seed, report=report, **sizes)

    def read(self, path, files, report, vocabulary=None):
        return read_videos(path, report=report, **self._sizes(files, vocabulary))

    dense_task = "vector_classification"

    def as_vectors(self, splits):
        """The mean of each clip's frames, which knows nothing of their order."""
        return _map_contents(splits, lambda frames: frames.mean(axis=0).reshape(-1) / 255)

    def choose_samples(self, examples):
        return examples[:8]  # a clip is large

    def inputs_of(self, argument, vocabulary):
        return [(argument, read_video(argument, **self._sizes({}, vocabulary)))]

    @staticmethod
    def _sizes(files, vocabulary):
        if vocabulary is None:
            return _chosen(files, "frames", "size", "channels")
        return {name: getattr(vocabulary, name) for name in ("frames", "size", "channels")}


class _Vectors(_Arrays):
    name = "vector_classification"
    item = "vector"
    example = "0.5,1,-3"
    vocabulary = VectorEncoder
    has_steps = False
    dense_task = "vector_classification"

    def as_vectors(self, splits):
        return splits

    @staticmethod
    def offline():
        raise DataError("There are no vectors offline; give a CSV file of numbers with --train.")

    def from_tfds(self, name, seed, files, report):
        raise DataError(f"Vectors are not read from TFDS; received {name!r}. Give a CSV file.")

    def read(self, path, files, report, vocabulary=None):
        return read_vectors(path, **_chosen(files, "label"))

    def inputs_of(self, argument, vocabulary):
        try:
            return [(argument, np.array([float(part) for part in argument.split(",")]))]
        except ValueError:
            raise DataError(
                f"{argument!r} is no vector: give numbers with commas between, such as 0.5,1,-3."
            ) from None


def _map_contents(splits, change):
    """The splits with each content changed."""
    return Splits(
        *(
            tuple(
                Labelled(change(example.content), example.label, example.part) for example in part
            )
            for part in splits
        )
    )


def _read_own(path, files):
    """Labelled strings of a user's file, or of our own samples."""
    entries = _chosen(files, "text", "label", "encoding", "quotes")
    return read_labelled(path, part=files.get("part") or None, **entries)


def _with_large_letters(place, examples):
    """DNA as `read_fasta` gives it, so that equal sequences are equal strings."""
    found = []
    for number, example in enumerate(examples, start=1):
        try:
            found.append(replace(example, content=nucleotides(example.content)))
        except ValueError as error:
            raise DataError(f"{place}: sequence {number} {error}.") from None
    return tuple(found)


def _chosen(files, *names):
    """Those of a recipe's entries on files that a reader takes and that are not left empty."""
    return {name: files[name] for name in names if files.get(name, "") != ""}


TEXTS = _Texts()
BAGS_OF_WORDS = _BagsOfWords()
DNA = _Dna()
CLIPS = _Clips()
VECTORS = _Vectors()
