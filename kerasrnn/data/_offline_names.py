"""People's names by country, out of Faker's lists: no download."""

import importlib
import pkgutil
import re
import unicodedata
from functools import cache
from importlib.metadata import version

from kerasrnn._hints import did_you_mean
from kerasrnn.data._conll import DataError
from kerasrnn.data._hold_out import hold_out
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._sentence import Splits

# Those with 200 given names or more, one a language.
NAME_LOCALES = (
    "bg_BG", "cs_CZ", "da_DK", "de_DE", "el_GR", "en_US", "es_ES", "fi_FI", "fr_FR", "hr_HR",
    "hu_HU", "id_ID", "it_IT", "lv_LV", "nl_NL", "pt_PT", "ro_RO", "ru_RU", "sk_SK", "sl_SI",
    "sv_SE", "tr_TR",
)  # fmt: skip
NAME_KINDS = ("given", "family", "both")
_HELD_OUT = 0.1  # of the names, for validation and for test each

# Lists in Faker's classes. An Icelander's `last_names_without_suffix` are parents' given names.
_LISTS = {
    "given": re.compile(r"first_names(_(female|male|unisex|nonbinary))?"),
    "family": re.compile(r"((fe)?male_|unisex_)?last_names(_(female|male|unisex|nonbinary))?"),
}
_LETTERS = r"[^\W\d_]+"
_NAME = re.compile(rf"['’]?{_LETTERS}(( ['’]?|['’] ?|[ʼ-]){_LETTERS})*")


def offline_names(locales=NAME_LOCALES, kind="given", seed=0):
    """People's names, labelled with where they are from, without a download.

    They are read from the lists of the package Faker, which draws made people from them; the same
    Faker has the same names. Of default are 22 locales in Latin, Cyrillic and Greek letters, with
    some hundred given names each. A list's abbreviations, slips (two alphabets in a word, all
    capitals, none) and scripts without capital letters are left out.

    Names are in NFC. 80 % of each locale's are for training, 10 % for validation and 10 % for
    test, or nearly so: a name of several locales, whatever its capital letters, is in one split
    with all of them, so that no held-out name has been seen.

    Args:
        locales: sequence of Faker's locales, such as `"de_DE"`; they are the labels.
        kind: `"given"`, `"family"`, or `"both"`, where each is an example by itself.
        seed: of the split.

    Returns:
        `Splits` of `Labelled`, ordered by locale and name; a locale has a name once.

    Raises:
        ValueError: `kind` is another.
        DataError: Faker knows no such locale, or has too few such names of it.

    Example:
        >>> from kerasrnn.data import offline_names
        >>> names = offline_names(locales=("el_GR", "fi_FI"))
        >>> sorted({name.label for name in names.train})
        ['el_GR', 'fi_FI']
    """
    if kind not in NAME_KINDS:
        raise ValueError(f"`kind` must be one of {NAME_KINDS}; received kind={kind!r}.")
    if isinstance(locales, str) or not locales:
        raise DataError(
            f"`locales` must be a list of locales such as ['de_DE', 'fr_FR']; got {locales!r}."
        )
    kinds = ("given", "family") if kind == "both" else (kind,)
    names = {}  # by what decides the split, and the label
    for locale in sorted(set(locales)):
        for name in _names(locale, kinds):
            names.setdefault((name.casefold(), locale), name)
    folded = [Labelled(key, locale) for key, locale in names]
    parts = hold_out(folded, parts=2, share=_HELD_OUT, seed=seed)
    return Splits(
        *(tuple(Labelled(names[e.content, e.label], e.label) for e in part) for part in parts)
    )


@cache
def _names(locale, kinds):
    """The clean names in a locale's lists, in the order of their code points."""
    found = set()
    for kind in kinds:
        listed = {unicodedata.normalize("NFC", " ".join(n.split())) for n in _listed(locale, kind)}
        clean = set(filter(_is_clean, listed))
        if not clean:
            raise DataError(
                f"Faker {version('faker')} has no {kind} names of {locale!r} in letters of which "
                "there are capitals. Leave the locale out, or name another."
            )
        found |= clean
    return tuple(sorted(found))


def _listed(locale, kind):
    """The strings of a locale's own lists; what all locales inherit is John and Jane."""
    from faker.providers.person import Provider as Anyone

    known = _known_locales()
    if locale not in known:
        raise DataError(
            f"Faker {version('faker')} has no names of {locale!r}.{did_you_mean(locale, known)} "
            f"There are: {', '.join(known)}."
        )
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    for parent in provider.__mro__:
        if parent is Anyone:
            break
        for name, value in vars(parent).items():
            if _LISTS[kind].fullmatch(name) and isinstance(value, (tuple, list, dict)):
                yield from (entry for entry in value if isinstance(entry, str))


@cache
def _known_locales():
    from faker.providers import person

    return tuple(found.name for found in pkgutil.iter_modules(person.__path__) if found.ispkg)


def _is_clean(name):
    """Whether it is a name as it is written, and no abbreviation or slip."""
    letters = [letter for letter in name if letter.isalpha() and letter != "ʼ"]
    scripts = {unicodedata.name(letter).split()[0] for letter in letters}
    return (
        len(letters) > 1
        and len(scripts) == 1
        and _NAME.fullmatch(name) is not None
        and not name.islower()
        and not name.isupper()
        and any(letter.isupper() for letter in letters)
    )
