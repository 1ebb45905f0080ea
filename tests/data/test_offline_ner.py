"""The offline named-entity sentences: well-formed, deterministic, and split without leaks."""

import configparser
import os
import random
import re
import subprocess
import sys
import tomllib
from collections import Counter
from itertools import combinations, product
from pathlib import Path

import pytest

from kerasrnn.data import DataError
from kerasrnn.data._offline_ner import _generate, _names, offline_ner
from kerasrnn.data._offline_ner._fillers import filler_words
from kerasrnn.data._offline_ner._frames import parse_frame, read_frames
from kerasrnn.data._offline_ner._generate import agree_articles, frames_of, tagged
from kerasrnn.data._offline_ner._names import Names, shared_words, split_of, telling_words
from kerasrnn.data._offline_ner._split_frames import (
    FUNCTION_WORDS,
    LARGEST_DEALT,
    are_near_copies,
    clusters,
    marks,
    outlines,
    split_frames,
)

SPLITS = ("train", "validation", "test")
KINDS = ("PER", "LOC", "ORG", "MISC")
SMALL = {"train": 60, "validation": 40, "test": 40}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def splits():
    """The sentences that the shipped artefact was trained on and measured with."""
    recipe = tomllib.loads((ROOT / "zoo/ner_bilstm/recipe.toml").read_text(encoding="utf-8"))
    assert recipe["data"].pop("source") == "offline"
    return offline_ner(**recipe["data"])


def entities(sentence):
    """Return the (kind, tokens) of each entity in `sentence`."""
    found = []
    for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
        if tag.startswith("B-"):
            found.append((tag[2:], [token]))
        elif tag.startswith("I-"):
            found[-1][1].append(token)
    return [(kind, tuple(tokens)) for kind, tokens in found]


def entities_of(sentences):
    return [entity for sentence in sentences for entity in entities(sentence)]


def fold(text):
    return text.lower().replace("’", "'")


def assert_disjoint(sets):
    for first, second in combinations(sets, 2):
        assert not first & second


def test_sizes_are_those_asked_for():
    splits = offline_ner(train=25, validation=0, test=7)
    assert [len(split) for split in splits] == [25, 0, 7]


def test_a_negative_size_is_refused_by_name():
    with pytest.raises(ValueError, match="`test` must be 0 or more; received test=-1"):
        offline_ner(train=0, validation=0, test=-1)


def test_same_seed_gives_same_sentences_whatever_drew_random_numbers_before():
    first = offline_ner(**SMALL)
    from faker import Faker

    random.seed(99)
    Faker.seed(99)
    Faker().name()
    assert offline_ner(**SMALL) == first


def test_drawing_leaves_the_global_random_state_alone():
    random.seed(7)
    expected = random.random()
    random.seed(7)
    offline_ner(**SMALL)
    assert random.random() == expected


def test_another_seed_gives_other_sentences():
    one, other = (offline_ner(seed=seed, **SMALL).train for seed in (1, 2))
    # A frame without slots is one sentence under every seed.
    assert len(set(one) & set(other)) <= len(one) / 10


def printed_under_hash_seed(hash_seed, code):
    return subprocess.run(
        [sys.executable, "-c", f"from kerasrnn.data._offline_ner import _generate\n{code}"],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout


def test_the_order_of_the_frames_does_not_depend_on_the_hash_seed():
    code = f"print(ascii([_generate.frames_of(split) for split in {SPLITS!r}]))"
    printed = {printed_under_hash_seed(hash_seed, code) for hash_seed in range(8)}
    assert printed == {ascii([frames_of(split) for split in SPLITS]) + "\n"}


def test_sentences_do_not_depend_on_the_hash_seed():
    code = f"print(ascii(_generate.offline_ner(**{SMALL!r})))"
    printed = {printed_under_hash_seed(hash_seed, code) for hash_seed in (1, 2)}
    assert printed == {ascii(offline_ner(**SMALL)) + "\n"}


@pytest.mark.parametrize("split", SPLITS)
def test_tags_are_valid_bio(splits, split):
    allowed = {"O"} | {f"{prefix}-{kind}" for prefix in "BI" for kind in KINDS}
    for sentence in getattr(splits, split):
        assert set(sentence.tags) <= allowed
        for before, tag in zip(("O", *sentence.tags), sentence.tags, strict=False):
            if tag.startswith("I-"):
                assert before in (f"B-{tag[2:]}", tag), sentence


@pytest.mark.parametrize("split", SPLITS)
def test_tokens_are_neither_empty_nor_spaced_nor_unfilled(splits, split):
    for sentence in getattr(splits, split):
        assert sentence.tokens
        for token in sentence.tokens:
            assert token.split() == [token]
            assert not set(token) & set("{}|[]_"), sentence


@pytest.mark.parametrize("split", SPLITS)
def test_possessive_is_a_token_of_its_own(splits, split):
    for sentence in getattr(splits, split):
        assert not [t for t in sentence.tokens if len(t) > 2 and t.lower().endswith(("'s", "’s"))]


def test_no_entity_is_in_two_splits(splits):
    assert_disjoint(
        [{fold(" ".join(tokens)) for _, tokens in entities_of(split)} for split in splits]
    )


def test_no_word_of_a_person_name_is_in_two_splits(splits):
    particles = {"van", "der", "den", "de", "la", "von", "di", "da", "del", "dos", "bin", "al"}
    particles |= {"ter", "le"}
    words = [
        {fold(token) for kind, tokens in entities_of(split) if kind == "PER" for token in tokens}
        for split in splits
    ]
    initials = {word for word in set.union(*words) if word.endswith(".") or len(word) == 1}
    assert_disjoint([split - particles - initials for split in words])


def test_no_telling_word_of_a_name_is_in_two_splits_whatever_its_type(splits):
    assert_disjoint(
        [
            {word for _, tokens in entities_of(split) for word in telling_words(" ".join(tokens))}
            for split in splits
        ]
    )


def test_shared_words_are_no_names():
    pools = ("cities", "countries", "regions", "demonyms", "languages", "products")
    names = {fold(name) for pool in pools for name in _names._all_pools()[pool]}
    assert not names & shared_words()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Inter Milan", {"milan"}),
        ("New Łódź University", {"lodz"}),
        ("Jean-Luc O'Neal", {"jean", "luc", "o'neal"}),
        ("J. R. WEISS", {"weiss"}),
        ("J.R. Weiß", {"weiss"}),
        ("Boeing 747", {"boeing"}),
        ("World Cup", set()),
    ],
)
def test_telling_words_are_those_that_are_not_shared(name, words):
    assert telling_words(name) == words


def test_names_that_share_a_telling_word_belong_to_one_split_or_none():
    owner = split_of("Milan")
    assert owner in SPLITS
    assert {split_of(name) for name in ("MILAN", "AC Milan", "Milan Open")} == {owner}
    assert {split_of(f"Milan and {city}") for city in ("Lagos", "Accra", "Baku")} > {None}


@pytest.mark.parametrize("split", SPLITS)
def test_the_names_of_the_demonstration_are_no_names_of_the_data(splits, split):
    sentences = getattr(splits, split)
    names = [token for _, tokens in entities_of(sentences) for token in tokens]
    own = Names(split, frozenset())
    names += [name for pool in own.pools.values() for name in pool]
    names += [name for pools in own.people.values() for pool in pools for name in pool]
    words = {word for name in names for word in re.findall(r"\w+", name.lower())}
    assert len(words) > 3000
    assert not words & {"harry", "potter", "hermione", "granger"}


def test_no_sentence_is_repeated(splits):
    sentences = [sentence for split in splits for sentence in split]
    assert len(set(sentences)) == len(sentences)


def test_no_frame_stands_twice_in_the_pool():
    frames = [frame.parts for split in SPLITS for frame in frames_of(split)]
    assert [parts for parts, count in Counter(frames).items() if count > 1] == []


def test_no_frame_shares_half_of_its_marks_with_a_frame_of_another_split():
    compared = [[marks(frame) for frame in frames_of(split)] for split in SPLITS]
    for pairs in combinations(compared, 2):
        shares = [
            (min(len(one), len(other)), len(one & other) / len(one | other))
            for one, other in product(*pairs)
            if not one.isdisjoint(other)
        ]
        assert not [share for fewest, share in shares if fewest >= 3 and share >= 0.5]
        assert not [share for fewest, share in shares if fewest < 3 and share > 0.5]


def test_no_frame_is_one_of_another_split_but_for_one_word_or_slot():
    assert_disjoint(
        [{outline for frame in frames_of(split) for outline in outlines(frame)} for split in SPLITS]
    )


def test_the_splits_of_the_pool_have_the_shares_they_should():
    sizes = [len(frames_of(split)) for split in SPLITS]
    shares = [size / sum(sizes) for size in sizes]
    assert sum(sizes) >= 1200
    assert shares == pytest.approx([0.84, 0.06, 0.10], abs=0.02)


def test_no_cluster_is_a_large_part_of_the_pool():
    frames = [frame for split in SPLITS for frame in frames_of(split)]
    assert max(map(len, clusters(frames))) < 0.1 * len(frames)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("She studied under {PER} at {UNIVERSITY} .", {"studied", "under"}),
        ("{PER} 's Old|New boat [ was sold ] !", {"old", "new", "boat", "sold"}),
        ("{PER} is from {CITY} .", {"{per}", "is", "from", "{city}"}),
    ],
)
def test_marks_are_the_telling_words_or_else_all_words_and_slots(line, expected):
    found = marks(parse_frame(line, {"PER", "CITY", "UNIVERSITY"}, "here"))
    assert found == expected
    assert found & FUNCTION_WORDS == expected & {"is", "from"}


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("She studied under {PER} at {CITY} .", "He studied under {PER} for years .", True),
        ("{PER} slept", "{CITY} slept", True),
        ("{PER} sold the old boat in May", "The old boat {PER} sold in {month} !", True),
        ("{PER} sold the old boat", "A boat {PER} sold is new", True),  # 2 of 4
        ("{PER} sold the old boat", "{PER} sold a new car", False),  # 1 of 5
        ("{PER} sold the {noun}", "He sold old {noun} here", False),  # 1 of 3
        ("{PER} sold the {noun}", "An old {noun} was sold", False),  # 1 of 2, and few marks
        ("{PER} sold the {noun} .", "{PER} bought the {noun} !", True),  # one word changed
        ("{PER} and {PER} {noun}", "{PER} {noun} and {PER}", True),  # one moved
        ("Old {PER} sold the {noun}", "{PER} sold the {noun}", True),  # one left out
        ("{PER} is from {CITY} .", "Is {PER} from {CITY} ?", True),  # all words and slots
        ("{PER} is from {CITY} .", "He is in {CITY}", False),
        ("{PER} is from {CITY} .", "{PER} is never tall here", False),
    ],
)
def test_near_copies_share_half_of_their_marks_or_all_but_one_word(first, second, alike):
    slots = {"PER", "CITY", "month", "noun"}
    one, other = (parse_frame(line, slots, "here") for line in (first, second))
    assert are_near_copies(one, other) is are_near_copies(other, one) is alike
    assert len(clusters([one, other])) == (1 if alike else 2)


def test_a_large_cluster_is_for_training():
    lines = [f"common word{number}" for number in range(LARGEST_DEALT + 1)]
    frames = [parse_frame(line, set(), "here") for line in lines]
    assert len(clusters(frames)) == 1
    assert split_frames(frames) == {"train": tuple(frames), "validation": (), "test": ()}


def test_a_chain_of_near_copies_is_one_cluster_and_falls_in_one_split():
    words = ("amber", "bronze", "copper", "diamond", "emerald", "fluorite", "garnet")
    lines = [" ".join(words[start : start + 4]) for start in range(4)] + ["one two three four"]
    frames = [parse_frame(line, set(), "here") for line in lines]
    assert sorted(map(len, clusters(frames))) == [1, 4]
    owners = [split for split, members in split_frames(frames).items() for _ in members[:1]]
    assert len(owners) <= 2


@pytest.mark.parametrize("split", SPLITS)
def test_each_kind_is_a_tenth_of_the_entities_or_more(splits, split):
    counts = Counter(kind for kind, _ in entities_of(getattr(splits, split)))
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 0.1 * counts.total(), counts


@pytest.mark.parametrize("split", SPLITS)
def test_some_but_not_most_sentences_have_no_entity(splits, split):
    sentences = getattr(splits, split)
    share = sum(set(sentence.tags) == {"O"} for sentence in sentences) / len(sentences)
    assert 0.08 <= share <= 0.25  # a tenth of the pool; a hash deals it out


@pytest.mark.parametrize("split", SPLITS)
def test_a_few_names_are_in_small_letters(splits, split):
    people = [tokens for kind, tokens in entities_of(getattr(splits, split)) if kind == "PER"]
    share = sum(" ".join(tokens).islower() for tokens in people) / len(people)
    assert 0.01 <= share <= 0.1


def test_thousands_of_names_occur(splits):
    people = {tokens for kind, tokens in entities_of(splits.train) if kind == "PER"}
    assert len(people) > 5000


def test_the_demonstration_sentence_is_in_no_split(splits):
    sentence = "harry potter and hermione granger invented a new spell"
    demonstration = sentence.split()
    for split in splits:
        for sentence in split:
            words = [token.lower() for token in sentence.tokens]
            assert words[: len(demonstration)] != demonstration
            assert "spell" not in words


def test_fillers_are_many():
    words = filler_words()
    assert len(set(words["verb_past"]) | set(words["verb_person_past"])) >= 150
    assert len(set(words["noun"])) >= 250
    assert len(set(words["adjective"])) >= 120


@pytest.mark.parametrize(
    "sentence",
    ["a apple", "an dog", "a hour", "an university", "a FBI agent", "an UN envoy", "a ugly hat"],
)
def test_articles_agree_with_the_next_word(sentence):
    agreed = {
        "apple": "an", "dog": "a", "hour": "an", "university": "a", "FBI": "an", "UN": "a",
        "ugly": "an",
    }  # fmt: skip
    pairs = [[word, "O"] for word in sentence.split()]
    agree_articles(pairs)
    assert pairs[0][0] == agreed[pairs[1][0]]


def test_a_letter_inside_a_name_is_not_an_article():
    pairs = tagged("A Empty Mask", "MISC")
    agree_articles(pairs)
    assert pairs[0][0] == "A"


def test_an_unknown_slot_is_refused_with_file_line_and_slot(monkeypatch, tmp_path):
    frames = "# a comment\n{PER} slept .\n\n{PERSON} slept .\n"
    tmp_path.joinpath("frames_bad.txt").write_text(frames, encoding="utf-8")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    with pytest.raises(ValueError, match=r"frames_bad\.txt, line 4: unknown slot \{PERSON\}"):
        read_frames("frames_bad.txt", {"PER"})


@pytest.mark.parametrize("line", ["{PER slept .", "{PER}s slept .", "{PER}| slept .", "a [ b .",
                                  "a ] b .", "a [ b [ c ] ] ."])  # fmt: skip
def test_a_malformed_frame_is_refused_with_its_place(line):
    with pytest.raises(ValueError, match="here, line 3: "):
        parse_frame(line, {"PER"}, "here, line 3")


def test_an_optional_group_and_alternatives_vary_the_sentence():
    frame = parse_frame("He came|went [ again ] .", set(), "here")
    rng = random.Random(0)
    writer = _generate._Writer(entities=None, rng=rng)
    seen = {
        " ".join(token for part in frame.parts for token, _ in writer._part(part))
        for _ in range(50)
    }
    assert seen == {"He came .", "He went .", "He came again .", "He went again ."}


@pytest.mark.parametrize("place", [("person", "xx_XX", "first_names"), ("person", "en_US", "nil")])
def test_a_list_that_faker_lacks_is_an_error_that_tells_which_faker_is_needed(place, monkeypatch):
    monkeypatch.setattr(_names, "version", {"faker": "30.0.0"}.get)
    expected = (
        rf"Faker 30\.0\.0 has no list {place[2]} in faker\.providers\.person\.{place[1]}; "
        rf"the offline data needs Faker {_names.FAKER_NEEDED} or later: pip install"
    )
    with pytest.raises(DataError, match=expected):
        _names._provider_lists(*place)


def test_the_faker_that_is_needed_is_the_one_that_installing_asks_for():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    requirements = setup["options"]["install_requires"].split()
    assert f"faker>={_names.FAKER_NEEDED}" in requirements
