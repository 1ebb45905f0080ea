"""A text that is read from its beginning to its end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A text in segments: paragraphs, lines or sentences, which models end by `<EOS>`.

    Args:
        segments: tuple of strings without line breaks.
        name: where it is from, such as a file's name or a chapter.

    Example:
        >>> from kerasrnn.data import Document
        >>> Document(("Call me Ishmael.", "It is a way I have."), "chapter 1").segments[0]
        'Call me Ishmael.'
    """

    segments: tuple
    name: str = ""
