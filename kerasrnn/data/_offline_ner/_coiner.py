"""New names out of old ones: letter chains, so that no list of names can be learned by heart."""

from collections import defaultdict

_ORDER = 3  # letters that the next one depends on
_END = "\n"


class Coiner:
    """Makes words that look like those of a list.

    Args:
        words: words to resemble.
    """

    def __init__(self, words):
        self.followers = defaultdict(list)
        for word in words:
            letters = " " * _ORDER + word + _END
            for place in range(len(letters) - _ORDER):
                self.followers[letters[place : place + _ORDER]].append(letters[place + _ORDER])

    def coin(self, rng):
        """Return a word of 4 to 12 letters."""
        while True:
            word = " " * _ORDER
            while not word.endswith(_END) and len(word) < _ORDER + 13:
                word += rng.choice(self.followers[word[-_ORDER:]])
            word = word.strip(" ")
            if word.endswith(_END) and 5 <= len(word) <= 13:
                return word[:-1]
