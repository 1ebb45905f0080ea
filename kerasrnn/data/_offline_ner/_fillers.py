"""Fillers: what the small-letter slots of a frame become. None of it is an entity."""

from functools import cache

from kerasrnn.data._offline_ner._read import word_lists

_VOWELS = "aeiou"
_IRREGULAR_PLURALS = {"shelf": "shelves", "thief": "thieves", "leaf": "leaves", "knife": "knives"}
_PERCENT = ("percent", "per cent", "%")
VERBS = ("verb", "verb_person", "handle")
_UNCOUNTED = {"police", "software", "evidence", "bread"}


@cache
def filler_words():
    """Return the filler words: slot to words, verbs inflected and nouns in both numbers."""
    words = word_lists("words.txt")
    forms = {slot: [_verb_forms(verb) for verb in words[slot]] for slot in VERBS}
    for slot, verbs in forms.items():
        for index, suffix in enumerate(("", "_past", "_ing", "_done")):
            words[slot + suffix] = tuple(dict.fromkeys(verb[index] for verb in verbs))
    for slot in ("noun", "thing", "site", "text", "issue"):
        words[f"{slot}s"] = tuple(plural(noun) for noun in words[slot] if noun not in _UNCOUNTED)
    words["jobs"] = tuple(plural(job) for job in words["job"])
    words["weekdays"] = tuple(plural(day) for day in words["weekday"])
    return words


def _verb_forms(entry):
    base, *irregular = entry.split("/")
    if irregular:
        past, ing, done = (*irregular, irregular[0])[:3]
        return base, past, ing, done
    past, ing = regular_past(base), regular_ing(base)
    return base, past, ing, past


def regular_past(verb):
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + "ed"


def regular_ing(verb):
    return verb[:-1] + "ing" if verb.endswith("e") and not verb.endswith("ee") else verb + "ing"


def plural(noun):
    if noun in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[noun]
    if noun.endswith("man"):
        return noun[:-2] + "en"
    if noun.endswith(("s", "x", "ch", "sh", "z")) or noun in ("potato", "volcano"):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def _number(rng):
    digits = rng.choice((1, 2, 2, 2, 3, 3, 4, 5, 6))
    number = rng.randrange(10 ** (digits - 1), 10**digits)
    return f"{number:,}" if rng.random() < 0.7 else str(number)


def _amount(rng):
    return f"{rng.uniform(0.2, 90):.1f}" if rng.random() < 0.6 else str(rng.randrange(2, 900))


def _money(rng):
    unit = rng.choice(("million", "billion"))
    currency = rng.choice(("dollars", "euros", "pounds", "yen", "francs", "crowns"))
    sign = rng.choice("$€£")
    return rng.choice(
        (
            f"{sign} {_amount(rng)} {unit}",
            f"{_amount(rng)} {unit} {currency}",
            f"{_number(rng)} {currency}",
            f"{sign}{_number(rng)}",
        )
    )


def _date(rng):
    year, month, day = rng.randrange(1990, 2030), rng.randrange(1, 13), rng.randrange(1, 29)
    return f"{year}-{month:02}-{day:02}"


def _score(rng):
    return f"{rng.randrange(6)}-{rng.randrange(6)}"


NUMERIC = {
    "number": _number,
    "small": lambda rng: str(rng.randrange(8)),
    "age": lambda rng: str(rng.randrange(16, 95)),
    "day": lambda rng: str(rng.randrange(1, 29)),
    "date": _date,
    "year": lambda rng: str(rng.randrange(1750, 2030)),
    "time": lambda rng: rng.choice(("{}:{:02}", "{}.{:02}")).format(
        rng.randrange(1, 24), rng.randrange(60)
    ),
    "percent": lambda rng: f"{rng.uniform(0.1, 60):.1f} {rng.choice(_PERCENT)}",
    "money": _money,
    "score": _score,
    "set": lambda rng: rng.choice(("6-{}", "{}-6", "7-{}")).format(rng.randrange(6)),
}


@cache
def filler_slots():
    """Return the names of all filler slots."""
    return frozenset(filler_words()) | frozenset(NUMERIC)


def draw_filler(slot, rng):
    """Return a filler for `slot` as a string; spaces part its tokens."""
    return NUMERIC[slot](rng) if slot in NUMERIC else rng.choice(filler_words()[slot])
