"""Frames of sentences: the notation, which `order.txt` explains, read, checked and filled."""

import re
from collections import Counter
from typing import NamedTuple

PAIRS = {
    "good": "bad", "better": "worse", "well": "badly", "love": "hate", "please": "annoy",
    "joy": "mess", "happy": "sad",
}  # fmt: skip
_POSITIVE_OF = {negative: positive for positive, negative in PAIRS.items()}
_SAME = ("work", "thing", "who", "when")
DOMAINS = ("film", "food", "hotel", "gadget", "book", "travel", "class")
_SLOT = re.compile(r"\{([a-z]+)([2-9]?)\}")
_ONE_SIDED = re.compile(r"\{([+-])([^{}]+)\} ?")
_CHOICE = re.compile(r"\(([^()]*)\)")
_AFTER_ARTICLE = re.compile(r"\b[Aa] \{([a-z]+[2-9]?)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou])")
_START = re.compile(r"(^|[.!?] )([^\W\d_])")
_LINKS = ("; ", ", and ", ", but ", ". ")  # what may stand for a semicolon
_OPENABLE = re.compile(r"(The|It|This|I|We|You|A|There|Nobody|Nothing|Everything|What)\b(?!,)")


class Frame(NamedTuple):
    """A frame: its domain (`""` for any), its only label (`""` for either) and its text."""

    domain: str
    label: str
    text: str


def parse_frame(place, line):
    """Parse a line; `place` stands in the message of a ValueError."""
    domain, label = "", ""
    prefix, colon, rest = line.partition(": ")
    if colon and prefix in DOMAINS:
        domain, line = prefix, rest
    elif line.startswith(("+ ", "- ")):
        label, line = {"+": "positive", "-": "negative"}[line[0]], line[2:]
    known = {*PAIRS, *_POSITIVE_OF, *_SAME}
    rest = _ONE_SIDED.sub("", line)
    for name, _ in _SLOT.findall(rest):
        if name not in known:
            raise ValueError(f"{place}: unknown slot {{{name}}}; known are {sorted(known)}.")
    if any(mark in _CHOICE.sub("", _SLOT.sub("", rest)) for mark in "{}()|[]"):
        raise ValueError(f"{place}: a bracket or bar without its partner in {line!r}.")
    return Frame(domain, label, line)


def is_balanced(frame):
    """Whether both readings of a frame have the same bag of words, whatever fills it."""
    slots = _SLOT.findall(frame.text)
    positive = Counter(slot for slot in slots if slot[0] in PAIRS)
    negative = Counter((_POSITIVE_OF[name], digit) for name, digit in slots if name in _POSITIVE_OF)
    words = {"+": Counter(), "-": Counter()}
    for side, text in _ONE_SIDED.findall(frame.text):
        words[side].update(text.lower().split())
    decided = bool(positive) or bool(words["+"])
    return decided and positive == negative and words["+"] == words["-"]


def fill(frame, domain, draw, rng, opened=0.0):
    """Fill a frame.

    Args:
        frame: a `Frame`.
        domain: one of `DOMAINS`.
        draw: a `Drawer`.
        rng: a `random.Random`.
        opened: share of sentences that an opening such as "To be honest," stands before.

    Returns:
        A pair of sentences: the positive reading and the negative one.
    """
    text = _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), frame.text)
    text = text.replace("; ", rng.choice(_LINKS))
    if "?" not in text and _OPENABLE.match(text) and rng.random() < opened:
        text = draw.opener() + re.sub(r"^(?!I\b)\w", lambda match: match[0].lower(), text)
    before = set(_AFTER_ARTICLE.findall(text))
    words, twins = {}, {}
    for name, digit in dict.fromkeys(_SLOT.findall(_ONE_SIDED.sub("", text))):
        slot = name + digit
        if slot in words:
            continue
        if name in _SAME:
            words[slot] = twins[slot] = draw.same(name, domain, words.values())
            continue
        good = _POSITIVE_OF.get(name, name)
        bad = PAIRS[good]
        good_slot, bad_slot = good + digit, bad + digit
        # After "a" no vowel, since "a" and "an" would make the bags of words differ.
        consonant = bool(before & {good_slot, bad_slot})
        pair = draw.pair(good, bad, domain, consonant, words.values())
        words[good_slot], words[bad_slot] = pair
        twins[bad_slot], twins[good_slot] = pair
    return _write(text, "+", words), _write(text, "-", twins)


def _write(text, side, words):
    text = _ONE_SIDED.sub(lambda match: match[2] + " " if match[1] == side else "", text)
    text = _SLOT.sub(lambda match: words[match[1] + match[2]], text)
    text = _ARTICLE.sub(r"\1n ", text)
    return _START.sub(lambda match: match[1] + match[2].upper(), text)
