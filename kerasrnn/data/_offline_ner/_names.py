"""Name pools: Faker's lists and our own, dealt out so that the three splits share no name."""

import hashlib
import importlib
import re
import unicodedata
from functools import cache
from importlib.metadata import version

from kerasrnn.data._conll import DataError
from kerasrnn.data._offline_ner._coiner import Coiner
from kerasrnn.data._offline_ner._read import word_lists

ENGLISH = ("en_US", "en_GB", "en_IE", "en_NZ")
PERSON_LOCALES = ENGLISH + (
    "az_AZ", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "en_IN", "en_NG", "en_TH", "es_AR",
    "es_CO", "es_ES", "es_MX", "et_EE", "fi_FI", "fr_CH", "fr_FR", "ha_NG", "hr_HR", "hu_HU",
    "id_ID", "ig_NG", "it_IT", "lt_LT", "lv_LV", "nl_NL", "no_NO", "pl_PL", "pt_BR", "pt_PT",
    "ro_RO", "sk_SK", "sl_SI", "sv_SE", "sw", "tr_TR", "tw_GH", "yo_NG", "zu_ZA",
)  # fmt: skip
CITY_LISTS = {
    "cs_CZ": "cities", "da_DK": "cities", "de_AT": "cities", "de_CH": "cities",
    "de_DE": "cities", "en_GB": "counties", "en_IE": "counties", "en_IN": "cities",
    "en_US": "states", "es_ES": "states", "fi_FI": "cities", "fr_FR": "regions",
    "hr_HR": "cities", "hu_HU": "real_city_names", "id_ID": "cities", "it_IT": "cities",
    "nl_NL": "cities", "pl_PL": "cities", "pt_PT": "cities", "ro_RO": "cities",
    "sk_SK": "cities", "sl_SI": "cities", "sv_SE": "cities", "zu_ZA": "cities",
}  # fmt: skip
# Lists of words that names of every split draw from.
SHARED_POOLS = (
    "company_ends", "agency_heads", "team_starts", "team_ends", "paper_ends", "event_ends",
    "event_heads", "law_ends", "prize_ends", "coined_product_ends", "title_nouns",
    "title_adjectives",
)  # fmt: skip
WORD_PARTS = ("coined_starts", "coined_ends")
COINED_POOLS = ("cities", "countries", "regions", "demonyms", "languages", "companies")
OWN_PEOPLE = ("east_asia", "east_europe", "arabic")

HELD_OUT = frozenset(("harry", "potter", "hermione", "granger"))  # unseen, for the demonstration
FAKER_NEEDED = "37.7"  # the first version with all the lists; setup.cfg asks for it too

_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
_PLAIN_LETTERS = str.maketrans(dict(zip("øØłŁđĐæÆœıəƏþð’", "oOlLdDaAoiaATd'", strict=True), ß="ss"))


def strip_accents(text):
    """Return `text` in plain Latin letters: `Łódź` becomes `Lodz`."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def shared_words():
    """Return the folded words that names of all splits have: they do not tell names apart.

    They are `[shared_words]` in names.txt and the words of the lists that all splits draw from.
    """
    lists = word_lists("names.txt")
    entries = [entry for pool in ("shared_words", *SHARED_POOLS) for entry in lists[pool]]
    return frozenset(word for entry in entries for word in _folded_words(entry))


def _folded_words(name):
    """Return the words of `name` and the parts of hyphened ones, without case and accents."""
    return strip_accents(name).lower().replace("-", " ").split()


def telling_words(name):
    """Return the folded words that tell `name` from others: no initials, no `shared_words`."""
    words = set(filter(_TWO_LETTERS.search, _folded_words(name)))
    return words - shared_words()


@cache
def split_of(name):
    """Return the split that owns every telling word of `name`, or None where they disagree.

    A name without telling words, `World Cup`, is owned as a whole.
    """
    words = telling_words(name) or {" ".join(_folded_words(name))}
    owners = {_split_of_word(word) for word in words}
    return owners.pop() if len(owners) == 1 else None


def _split_of_word(word):
    if word in HELD_OUT:
        return None
    bucket = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % 100
    return "train" if bucket < 73 else "validation" if bucket < 86 else "test"


@cache
def _is_clean(name):
    words = [strip_accents(word).replace("-", "").replace("'", "") for word in name.split()]
    starts_with_letters = all(word[0].isalpha() for word in name.split())
    plain = all(len(word) > 1 and word.isascii() and word.isalpha() for word in words)
    return name[:1].isupper() and starts_with_letters and plain


def _provider_lists(kind, locale, *names):
    """Return the lists of a Faker provider class as one tuple of distinct strings.

    The lists are read rather than drawn from: uniform, and free of Faker's random state.
    """
    provider = f"faker.providers.{kind}.{locale}"
    try:
        lists = importlib.import_module(provider).Provider
    except ModuleNotFoundError as error:
        raise _missing(provider, names) from error
    entries = {
        " ".join(entry.split())
        for name in names
        for entry in getattr(lists, name, ())
        if isinstance(entry, str)
    }
    if not entries:
        raise _missing(provider, names)
    return tuple(sorted(entries))


def _missing(provider, names):
    return DataError(
        f"Faker {version('faker')} has no list {' or '.join(names)} in {provider}; the offline "
        f"data needs Faker {FAKER_NEEDED} or later: pip install 'faker>={FAKER_NEEDED}'."
    )


@cache
def _all_people():
    own = word_lists("names.txt")
    people = {kind: (own[f"first_names_{kind}"], own[f"last_names_{kind}"]) for kind in OWN_PEOPLE}
    for locale in PERSON_LOCALES:
        people[locale] = (
            _provider_lists("person", locale, "first_names", "first_names_female"),
            _provider_lists("person", locale, "last_names", "male_last_names", "unisex_last_names"),
        )
    return people


@cache
def _all_pools():
    from faker.providers.date_time import Provider as DateTimeProvider
    from faker.providers.person import Provider as PersonProvider

    own = word_lists("names.txt")
    companies = _provider_lists("company", "nl_NL", "large_companies")
    countries = tuple(sorted(country.name for country in DateTimeProvider.countries))
    languages = tuple(sorted(set(PersonProvider.language_names)))
    return own | {
        "companies": own["companies"] + companies,
        "countries": countries + own["short_countries"],
        "languages": tuple(name for name in languages if name.isalpha()),
    }


class Names:
    """The names that belong to one split.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        common_words: lower-cased words of frames and fillers; a name that is one of them is
            left out where the bare word would be ambiguous.
    """

    def __init__(self, split, common_words):
        self.split = split
        self.common_words = common_words
        pools = _all_pools()
        self.shared = {pool: pools[pool] for pool in SHARED_POOLS + WORD_PARTS}
        self.pools = {
            pool: self.own(names) for pool, names in pools.items() if pool not in self.shared
        }
        self.people = self._people()
        self.cities = self._cities()
        self.surnames = [last for _, lasts in self.people.values() for last in lasts]
        self.coiners = self._coiners()

    def own(self, names):
        """Return those of `names` that this split owns, without repeats."""
        return [name for name in dict.fromkeys(names) if split_of(name) == self.split]

    def _people(self):
        people = {}
        for locale, pair in _all_people().items():
            people[locale] = tuple(self.own(filter(self._is_person_name, pool)) for pool in pair)
        return {locale: pools for locale, pools in people.items() if all(pools)}

    def _coiners(self):
        """Letter chains by kind of name; they learn from this split's names alone."""
        words = {pool: self.pools[pool] for pool in COINED_POOLS}
        words["cities"] = words["cities"] + [city for cities in self.cities for city in cities]
        words["firsts"] = [first for firsts, _ in self.people.values() for first in firsts]
        words["lasts"] = self.surnames
        return {
            kind: Coiner(sorted({name for name in pool if name.isalpha() and name[1:].islower()}))
            for kind, pool in words.items()
        }

    def _is_person_name(self, name):
        short_word = len(name) <= 3 and name.lower() in self.common_words
        return _is_clean(name) and " " not in name and not short_word

    def _cities(self):
        """City lists by country, those of single villages beside those of whole countries."""
        cities = [self.own(self._city_names(locale, name)) for locale, name in CITY_LISTS.items()]
        return [pool for pool in cities if pool]

    def _city_names(self, locale, list_name):
        for name in _provider_lists("address", locale, list_name):
            if _is_clean(name) and name.lower() not in self.common_words:
                yield name
