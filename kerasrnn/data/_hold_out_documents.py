"""Holding texts out of training: whole documents, or passages where there are few."""

from kerasrnn.data._conll import DataError
from kerasrnn.data._document import Document
from kerasrnn.data._hold_out import hold_out
from kerasrnn.data._labelled import Labelled

FEWEST = 20  # documents of which whole ones are held out


def hold_out_documents(documents, parts=1, share=0.1, seed=0):
    """Divides documents into those that stay and parts of them that are held out.

    Of 20 documents or more, whole ones are drawn. Of fewer, the segments are cut in the order in
    which they stand: those that stay come first, the parts last.

    Args:
        documents: sequence of `Document`s.
        parts: how many parts are held out.
        share: of the documents, or of the characters, that each part has.
        seed: of the draw.

    Returns:
        Tuple of `parts + 1` tuples of documents: those that stay, then the parts.

    Raises:
        ValueError: `parts` or `share` is not possible.
        DataError: too few documents or segments for a part that is not empty.
    """
    documents = tuple(documents)
    if parts < 1 or not share > 0 or not parts * share < 1:
        raise ValueError(
            "`parts` must be positive, and the parts' shares together between 0 and 1; received "
            f"parts={parts!r}, share={share!r}."
        )
    if len(documents) >= FEWEST:
        rows = [Labelled("\n".join(d.segments), "", str(n)) for n, d in enumerate(documents)]
        found = hold_out(rows, parts, share, seed)
        return tuple(tuple(documents[int(row.part)] for row in part) for part in found)
    return _cut(documents, parts, share)


def _cut(documents, parts, share):
    whole = sum(len(segment) + 1 for document in documents for segment in document.segments)
    ends = [whole * (1 - share * (parts - part)) for part in range(parts)]
    found = [[] for _ in range(parts + 1)]
    read = 0
    for document in documents:
        pieces = [[] for _ in found]
        for segment in document.segments:
            # By its middle, so that a long segment goes where most of it lies.
            middle = read + (len(segment) + 1) / 2
            pieces[sum(middle > end for end in ends)].append(segment)
            read += len(segment) + 1
        for part, piece in zip(found, pieces, strict=True):
            if piece:
                part.append(Document(tuple(piece), document.name))
    if not all(found):
        raise DataError(
            f"Of {len(documents)} documents, {parts} × {share:.0%} cannot be held out: they have "
            "too few segments. Give more text, text in shorter lines or paragraphs, or files of "
            "your own for validation and test."
        )
    return tuple(map(tuple, found))
