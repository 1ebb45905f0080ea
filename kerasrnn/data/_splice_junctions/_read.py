"""The splice-junction sequences, and a split of them."""

import lzma
import random
from importlib import resources

from kerasrnn.data._labelled import Labelled
from kerasrnn.data._sentence import Splits

FILE = "sequences.tsv.xz"
NO_JUNCTION = "n"


def splice_junctions(unique=True):
    """Windows of 60 letters of primate genes, and whether a splice junction is in their middle.

    Labels: `"ei"`, the exon ends after letter 30 and an intron begins (a donor site); `"ie"`, the
    other way round (an acceptor site); `"n"`, no junction there.

    Source: "Molecular Biology (Splice-junction Gene Sequences)", UCI Machine Learning Repository,
    from the primate genes of GenBank 64.1; in the form of StatLog and the R package mlbench, which
    leaves out four sequences that have unsure letters.

    Args:
        unique: whether each sequence is there once, in the place of its first: 3,001 instead of
            3,186. One occurs both as `"ie"` and as `"n"`; it is an `"ie"`, since a junction that
            was found is one, and windows without junctions were drawn from the genes blindly.

    Returns:
        A tuple of `Labelled`, in the order of the source.

    Example:
        >>> from kerasrnn.data import splice_junctions
        >>> examples = splice_junctions()
        >>> len(examples), examples[0].label, len(examples[0].content)
        (3001, 'n', 60)
    """
    packed = resources.files(__package__).joinpath(FILE).read_bytes()
    lines = lzma.decompress(packed).decode("ascii").splitlines()
    rows = [line.split("\t") for line in lines]
    if unique:
        labels = {}
        for sequence, label in rows:
            if label != NO_JUNCTION or sequence not in labels:
                labels[sequence] = label
        rows = labels.items()
    return tuple(Labelled(sequence, label) for sequence, label in rows)


def offline_dna(seed=0):
    """The unique splice-junction sequences, split: 2,401 to learn from, 300 and 300 to measure on.

    Each part has the labels in the same shares, and no sequence is in two parts. Sequences that
    are not equal but alike (of one family of genes) are not kept together: few are, see the
    package's README.

    Args:
        seed: of the draw.

    Returns:
        `Splits` of tuples of `Labelled`; equal seeds give equal splits.

    Example:
        >>> from kerasrnn.data import offline_dna
        >>> [len(part) for part in offline_dna()]
        [2401, 300, 300]
    """
    rng = random.Random(seed)
    by_label = {}
    for example in splice_junctions():
        by_label.setdefault(example.label, []).append(example)
    parts = [], [], []  # train, validation, test
    for label in sorted(by_label):
        examples = by_label[label]
        rng.shuffle(examples)
        tenth = round(len(examples) / 10)
        parts[1].extend(examples[:tenth])
        parts[2].extend(examples[tenth : 2 * tenth])
        parts[0].extend(examples[2 * tenth :])
    for part in parts:
        rng.shuffle(part)
    return Splits(*map(tuple, parts))
