"""Name pools: Faker's lists and our own, dealt out so that the three splits share no name."""

import hashlib
import importlib
import unicodedata
from functools import cache

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
PLACE_POOLS = ("cities", "countries", "regions")
COINED_POOLS = ("cities", "countries", "regions", "demonyms", "languages", "companies")
OWN_PEOPLE = ("east_asia", "east_europe", "arabic")

# Words that many names share: they say nothing about which name it is.
_SHARED_WORDS = (
    "new south north east west central united saint st. st san santa santo sankt são los "
    "las la le el de der den di do da dos das del della van von am an im the of and y e i "
    "republic democratic island islands kingdom states state bad port rio federal union "
    "city hill notting america emirates arab people's puerto soviet upper lower mount "
    "northern southern eastern western latin southeast"
)
_SHARED = frozenset(_SHARED_WORDS.split())
_PLAIN_LETTERS = str.maketrans("øØłŁđĐßæÆœıəƏþð’", "oOlLdDsaAoiaATd'")


def strip_accents(text):
    """Return `text` in plain Latin letters: `Łódź` becomes `Lodz`."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def split_of_word(word):
    """Return the split that owns `word`, whatever its case and accents."""
    folded = strip_accents(word).lower().encode()
    bucket = int.from_bytes(hashlib.sha256(folded).digest()[:4], "big") % 100
    return "train" if bucket < 73 else "validation" if bucket < 86 else "test"


def split_of(name):
    """Return the split that owns every telling word of `name`, or None where they disagree."""
    words = [word for word in name.split() if word.lower() not in _SHARED] or [name]
    owners = {split_of_word(word) for word in words}
    return owners.pop() if len(owners) == 1 else None


def _is_clean(name):
    words = [strip_accents(word).replace("-", "").replace("'", "") for word in name.split()]
    starts_with_letters = all(word[0].isalpha() for word in name.split())
    plain = all(len(word) > 1 and word.isascii() and word.isalpha() for word in words)
    return name[:1].isupper() and starts_with_letters and plain


def _provider_lists(kind, locale, *names):
    """Return the lists of a Faker provider class as one tuple of distinct strings.

    The lists are read rather than drawn from: uniform, and free of Faker's random state.
    """
    module = importlib.import_module(f"faker.providers.{kind}.{locale}")
    entries = {
        " ".join(entry.split())
        for name in names
        for entry in getattr(module.Provider, name, ())
        if isinstance(entry, str)
    }
    return tuple(sorted(entries))


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
        self.shared = _all_pools()
        self.pools = {pool: self._own_pool(pool) for pool in self.shared}
        self.people = self._people()
        self.cities = self._cities()
        self.surnames = [last for _, lasts in self.people.values() for last in lasts]
        self.coiners = self._coiners()

    def own(self, names):
        """Return those of `names` that this split owns, without repeats."""
        return [name for name in dict.fromkeys(names) if split_of(name) == self.split]

    def _own_pool(self, pool):
        """Places are dealt out word by word, all else by the whole phrase."""
        names = self.shared[pool]
        if pool in PLACE_POOLS:
            return self.own(names)
        return [name for name in dict.fromkeys(names) if split_of_word(name) == self.split]

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
