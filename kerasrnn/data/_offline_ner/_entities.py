"""Entities: what the capital-letter slots of a frame become."""

import re

from kerasrnn.data._offline_ner._names import ENGLISH, split_of, strip_accents

_POSSESSIVE = re.compile(r"(?<=\w)'s\b")  # a token of its own, as in CoNLL
_PARTICLES = (
    "van", "van der", "van den", "de", "de la", "von", "di", "da", "del", "dos", "bin", "al",
    "ter", "Van", "De", "Le",
)  # fmt: skip
_PLURAL_BY_S = ("an", "ab", "ek", "ai", "li", "qi")
_TREATIES = ("Convention", "Treaty", "Protocol", "Accord")
_INITIALS = "ABCDEFGHIJKLMNOPRSTVW"
_TOWN_ENDS = (
    "ton", "ville", "burg", "ford", "ham", "port", "bury", "stad", "field", "by", "wick", "berg",
    "dorf", "grad", "pur", "abad", "polis", "mouth",
)  # fmt: skip
_LAND_ENDS = ("ia", "ia", "ania", "istan", "land", "onia", "ovia", "aria")
_LAND_SHAPES = (
    "Republic of {}", "Kingdom of {}", "{} Islands", "United {} Emirates", "South {}", "North {}",
    "{} Republic",
)  # fmt: skip
_PEOPLE_ENDS = ("ian", "ian", "ish", "ese", "ic", "ean", "onian", "anese")
_LANGUAGE_ENDS = ("ian", "ish", "ish", "ese", "ic")
_TOWN_STARTS = ("Port", "New", "San", "Fort", "North", "South", "East", "West", "Saint", "Upper")
_STREET_ENDS = (
    "Street", "Road", "Avenue", "Lane", "Square", "Drive", "Boulevard", "St.", "Park Road",
    "Bridge",
)  # fmt: skip
_FEATURES = (
    "Mount {}", "Lake {}", "{} River", "River {}", "{} Bay", "Cape {}", "{} Mountains",
    "Gulf of {}", "{} Island", "{} Valley", "{} Falls", "Strait of {}", "{} Forest", "{} Desert",
    "{} Beach", "{} National Park", "{} Airport", "{} Canyon", "{} Sea", "{} Hills", "Isle of {}",
    "{} Castle", "{} Bridge", "Point {}", "{} Lake", "{} Peninsula",
)  # fmt: skip
_UNIVERSITIES = (
    "University of {city}", "{city} University", "{last} University", "{last} College",
    "{city} Institute of Technology", "Technical University of {city}", "{last} Institute",
    "{city} State University", "{last} School of Medicine", "{city} Business School",
    "Royal Academy of {city}", "{last} High School",
)  # fmt: skip
_COMPANIES = (
    "{last} {end}", "{last} {end}", "{last} & {last2}", "{last} and Sons", "{last}-{last2}",
    "{last} , {last2} and {last3}", "{last} & Co", "{last} Brothers", "Bank of {city}",
    "{city} {end}", "{city} Airlines", "{coined} {end}", "{coined} {end}",
    "{coined} {end}", "{last} GmbH & Co. KG", "Grupo {last}", "{last} et Fils", "{last} LLC",
    "{city} Stock Exchange", "Banco {last}", "Air {city}", "Radio {city}", "{city} TV",
    "{country} Telecom", "Bank of {country}",
)  # fmt: skip
_BODIES = (
    "{last} Foundation", "{last} Museum", "{city} City Council", "{city} Police", "{city} Court",
    "{city} General Hospital", "{last} Institute", "{city} Symphony Orchestra", "{last} Hospital",
    "{city} Opera", "Friends of {city}", "Supreme Court of {country}", "{country} Red Cross",
    "Communist Party of {country}", "{city} Chamber of Commerce", "National Bank of {country}",
    "{city} Zoo", "Church of {last}", "{city} Liberation Front", "{last} Trust",
)  # fmt: skip


class Entities:
    """Draws entities of one split.

    Args:
        names: a `Names`.
        rng: a `random.Random`.
    """

    def __init__(self, names, rng):
        self.names = names
        self.rng = rng
        self.english = list(ENGLISH)
        self.foreign = [locale for locale in names.people if locale not in ENGLISH]
        # Short lists less often, so that their few names do not return too soon.
        self.foreign_weights = [len(names.people[locale][0]) ** 0.5 for locale in self.foreign]

    def draw(self, slot):
        """Return an entity for `slot` as a string; spaces part its tokens."""
        name = _POSSESSIVE.sub(" 's", SLOTS[slot][1](self))
        return strip_accents(name) if self.rng.random() < 0.5 else name

    def pick(self, pool):
        """Return one of this split's own names in `pool`."""
        return self.rng.choice(self.names.pools[pool])

    def shared(self, pool):
        """Return one of the words in `pool` that names of every split may have."""
        return self.rng.choice(self.names.shared[pool])

    def one_of(self, **weights):
        """Call one of the methods named, by weight."""
        method = self.rng.choices(list(weights), weights.values())[0]
        return getattr(self, method)()

    def coin(self, make):
        """Return the first name out of `make()` that this split owns."""
        while True:
            name = make()
            if split_of(name) == self.names.split:
                return name

    def coined_like(self, kind):
        """Return a new name that looks like those of `kind` and is no common word."""
        chain, common = self.names.coiners[kind], self.names.common_words
        while (name := self.coin(lambda: chain.coin(self.rng))).lower() in common:
            pass
        return name

    def pick_or_coin(self, pool, coined):
        """Return a name of `pool`, or, with probability `coined`, a new one like it."""
        return self.coined_like(pool) if self.rng.random() < coined else self.pick(pool)

    # --- people

    def _locale(self):
        if self.rng.random() < 0.45:
            return self.rng.choice(self.english)
        return self.rng.choices(self.foreign, self.foreign_weights)[0]

    def first(self):
        if self.rng.random() < 0.1:
            return self.coined_like("firsts")
        return self.rng.choice(self.names.people[self._locale()][0])

    def last(self):
        if self.rng.random() < 0.15:
            return self.coined_like("lasts")
        return self.rng.choice(self.names.people[self._locale()][1])

    def _first_and_last(self):
        firsts, lasts = self.names.people[self._locale()]
        return self.rng.choice(firsts), self.rng.choice(lasts)

    def _bare(self, draw):
        """Draw a name that is no common word, so that it can stand alone."""
        while (name := draw()).lower() in self.names.common_words:
            pass
        return name

    def single_first(self):
        return self._bare(self.first)

    def single_last(self):
        if self.rng.random() < 0.05:
            return f"{self.rng.choice(_PARTICLES)} {self.last()}"
        return self._double_last() if self.rng.random() < 0.03 else self._bare(self.last)

    def _double_last(self):
        return self.coin(lambda: f"{self.last()}-{self.last()}")

    def two_part(self):
        return " ".join(self._first_and_last())

    def initials(self):
        initial, middle = self.rng.choices(_INITIALS, k=2)
        first, last = self._first_and_last()
        shapes = (f"{initial}.", f"{initial}.", f"{initial}. {middle}.", f"{initial}.{middle}.",
                  f"{first} {middle}.", f"{first} {middle}.", initial)  # fmt: skip
        return f"{self.rng.choice(shapes)} {last}"

    def three_part(self):
        first, last = self._first_and_last()
        return f"{first} {self.rng.choice((self.first, self.last))()} {last}"

    def particle(self):
        first, last = self._first_and_last()
        return f"{first} {self.rng.choice(_PARTICLES)} {last}"

    def hyphened(self):
        first, last = self._first_and_last()
        if self.rng.random() < 0.5:
            return f"{first} {self._double_last()}"
        return self.coin(lambda: f"{self.first()}-{self.first()}") + f" {last}"

    def person(self):
        return self.one_of(two_part=60, single_first=10, single_last=7, initials=10,
                           three_part=6, particle=4, hyphened=3)  # fmt: skip

    # --- places

    def city(self):
        """A town: known, like a known one, or of a shape that tells."""
        return self.one_of(known_city=14, listed_city=10, coined_city=6, town=70)

    def known_city(self):
        return self.pick("cities")

    def listed_city(self):
        return self.rng.choice(self.rng.choice(self.names.cities))

    def coined_city(self):
        return self.coined_like("cities")

    def town(self):
        if self.rng.random() < 0.65:
            return self.coin(lambda: self._plain_last() + self.rng.choice(_TOWN_ENDS))
        return f"{self.rng.choice(_TOWN_STARTS)} {self._plain_last()}"

    def _plain_last(self):
        while not (name := self.single_last()).isalpha():
            pass
        return name

    def country(self):
        return self.pick("countries") if self.rng.random() < 0.25 else self.land()

    def land(self):
        """A country of a shape that tells."""
        land = self._with_end("countries", _LAND_ENDS)
        return self.rng.choice(_LAND_SHAPES).format(land) if self.rng.random() < 0.25 else land

    def _stem(self, kind):
        return self.coined_like(kind).rstrip("aeiouyéáó")

    def _with_end(self, kind, ends):
        return self.coin(lambda: self._stem(kind) + self.rng.choice(ends))

    def region(self):
        return self.pick("regions") if self.rng.random() < 0.25 else self.land()

    def feature(self):
        name = self.rng.choice((self._plain_last, self._plain_last, self.city))()
        return self.rng.choice(_FEATURES).format(name)

    def street(self):
        return f"{self._plain_last()} {self.rng.choice(_STREET_ENDS)}"

    def place(self):
        return self.one_of(city=52, country=18, region=10, feature=20)

    # --- organisations

    def _fill(self, shapes):
        return self.rng.choice(shapes).format(
            last=self._plain_last(), last2=self._plain_last(), last3=self._plain_last(),
            city=self.city(), country=self.country(), end=self.shared("company_ends"),
            coined=self.coined(),
        )  # fmt: skip

    def coined(self):
        return self.coin(lambda: self.shared("coined_starts") + self.shared("coined_ends"))

    def firm(self):
        """A company whose name tells what it is."""
        return self._fill(_COMPANIES)

    def company(self):
        return self.firm() if self.rng.random() < 0.85 else self.brand()

    def brand(self):
        """A company by its bare name, for where the sentence tells what it is."""
        return self.coined() if self.rng.random() < 0.3 else self.pick_or_coin("companies", 0.4)

    def institution(self):
        return self.pick("institutions")

    def university(self):
        return self._fill(_UNIVERSITIES)

    def team(self):
        start, end = self.shared("team_starts"), self.shared("team_ends")
        if self.rng.random() < 0.06:
            return self.pick("clubs")
        return self.rng.choice((f"{self.city()} {end}", f"{start} {self.city()}"))

    def newspaper(self):
        return f"{self.city()} {self.shared('paper_ends')}"

    def party(self):
        kind = self.rng.random()
        if kind < 0.6:
            return self.pick("parties")
        return f"{self.nationality()} {self.pick('parties')}" if kind < 0.8 else self.acronym()

    def acronym(self):
        if self.rng.random() < 0.35:
            return self.pick("acronyms")
        length = self.rng.choice((3, 3, 4))
        return self.coin(lambda: "".join(self.rng.choices(_INITIALS, k=length)))

    def named_agency(self):
        return f"{self.shared('agency_heads')} {self.pick('agency_topics')}"

    def agency(self):
        return self.one_of(acronym=55, named_agency=38, institution=7)

    def body(self):
        return self._fill(_BODIES)

    def organisation(self):
        return self.one_of(firm=36, institution=4, acronym=14, named_agency=8, university=10,
                           body=16, team=6, newspaper=6)  # fmt: skip

    # --- the rest

    def nationality(self):
        return self._of_a_people("demonyms", _PEOPLE_ENDS)

    def _of_a_people(self, pool, ends):
        kind = self.rng.random()
        if kind < 0.22:
            return self.pick(pool)
        return self.coined_like(pool) if kind < 0.3 else self._with_end("countries", ends)

    def nationals(self):
        return self.coin(lambda: self._national() + "s")

    def _national(self):
        while not (name := self.nationality()).endswith(_PLURAL_BY_S):
            pass
        return name

    def language(self):
        return self._of_a_people("languages", _LANGUAGE_ENDS)

    def event(self):
        if self.rng.random() < 0.3:
            return self.pick("events")
        host = self.rng.choice((self.city, self.country, self.nationality))()
        return f"{host} {self.shared('event_ends')}"

    def history(self):
        return f"{self.shared('event_heads')} {self.city()}"

    def holiday(self):
        return self.pick("holidays")

    def work(self):
        """A title; one without a name in it belongs to a split as a whole."""
        nouns, adjectives = "title_nouns", "title_adjectives"
        shapes = (
            "The {adjective} {noun}", "{adjective} {noun}", "{noun}", "The {noun}",
            "The {noun} of {city}", "{noun} in {city}", "A {adjective} {noun}",
            "{noun} and {noun2}", "The {noun} and the {noun2}", "{first} 's {noun}",
            "The {noun} 's {noun2}", "Goodbye , {first}", "{noun} of the {noun2}",
            "My {adjective} {noun}", "{city} {noun}", "The {last} Letters", "Saving {first}",
        )  # fmt: skip
        return self.coin(
            lambda: self.rng.choice(shapes).format(
                noun=self.shared(nouns), noun2=self.shared(nouns),
                adjective=self.shared(adjectives), city=self.city(), first=self.single_first(),
                last=self._plain_last(),
            )
        )  # fmt: skip

    def film(self):
        """A work by a title of several words, which can stand without quotation marks."""
        while " " not in (title := self.work()):
            pass
        return title

    def law(self):
        if self.rng.random() < 0.25:
            return f"{self.city()} {self.rng.choice(_TREATIES)}"
        return f"{self.pick('law_topics')} {self.shared('law_ends')}"

    def prize(self):
        if self.rng.random() < 0.5:
            return self.pick("prizes")
        return f"{self._plain_last()} {self.shared('prize_ends')}"

    def product(self):
        kind = self.rng.random()
        if kind < 0.45:
            return self.pick("products")
        name = self.coined()
        return name if kind < 0.6 else f"{name} {self.shared('coined_product_ends')}"


SLOTS = {
    "PER": ("PER", Entities.person),
    "PER_FIRST": ("PER", Entities.single_first),
    "PER_LAST": ("PER", Entities.single_last),
    "LOC": ("LOC", Entities.place),
    "CITY": ("LOC", Entities.city),
    "COUNTRY": ("LOC", Entities.country),
    "PLACE": ("LOC", Entities.feature),
    "STREET": ("LOC", Entities.street),
    "ORG": ("ORG", Entities.organisation),
    "COMPANY": ("ORG", Entities.company),
    "FIRM": ("ORG", Entities.firm),
    "UNIVERSITY": ("ORG", Entities.university),
    "TEAM": ("ORG", Entities.team),
    "PAPER": ("ORG", Entities.newspaper),
    "PARTY": ("ORG", Entities.party),
    "AGENCY": ("ORG", Entities.agency),
    "NATIONALITY": ("MISC", Entities.nationality),
    "NATIONALS": ("MISC", Entities.nationals),
    "LANGUAGE": ("MISC", Entities.language),
    "EVENT": ("MISC", Entities.event),
    "HISTORY": ("MISC", Entities.history),
    "HOLIDAY": ("MISC", Entities.holiday),
    "WORK": ("MISC", Entities.work),
    "FILM": ("MISC", Entities.film),
    "LAW": ("MISC", Entities.law),
    "PRIZE": ("MISC", Entities.prize),
    "PRODUCT": ("MISC", Entities.product),
}
