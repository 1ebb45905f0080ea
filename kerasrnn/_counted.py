"""Numbers of things in messages."""


def counted(number, noun):
    """`1 document`, `2 documents`: a number and its noun, which takes an s alone."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
