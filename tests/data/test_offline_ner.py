"""The offline named-entity sentences: well-formed, deterministic, and split without leaks."""

import os
import random
import subprocess
import sys
from collections import Counter
from itertools import combinations, product

import pytest

from kerasrnn.data._offline_ner import _generate, offline_ner
from kerasrnn.data._offline_ner._fillers import filler_words
from kerasrnn.data._offline_ner._frames import parse_frame, read_frames
from kerasrnn.data._offline_ner._generate import agree_articles, frames_of, tagged
from kerasrnn.data._offline_ner._split_frames import (
    are_near_copies,
    clusters,
    features,
    split_frames,
)

SPLITS = ("train", "validation", "test")
KINDS = ("PER", "LOC", "ORG", "MISC")
SMALL = {"train": 60, "validation": 40, "test": 40}
# Words inside place names that places of all splits share.
_SHARED_PLACE_WORDS = (
    "new south north east west central united saint st. st san santa los las la le el de di "
    "do da of and republic democratic island islands kingdom states state bad fort upper "
    "port mount lake river bay cape mountains gulf valley falls strait forest desert beach "
    "national park airport canyon sea hills isle castle bridge point peninsula street road "
    "avenue lane square drive boulevard city rio notting hill arab emirates soviet union "
    "puerto america western eastern northern southern latin southeast the am an im y e i "
    "der den del della das do dos van von sankt são sao federal people's people 's"
)
SHARED_PLACE_WORDS = frozenset(_SHARED_PLACE_WORDS.split())


@pytest.fixture(scope="module")
def splits():
    return offline_ner()


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
    assert not set(offline_ner(seed=1, **SMALL).train) & set(offline_ner(seed=2, **SMALL).train)


def test_sentences_do_not_depend_on_the_hash_seed():
    code = (
        "from kerasrnn.data._offline_ner import offline_ner\n"
        f"print(ascii(offline_ner(**{SMALL!r})))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
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


def test_no_telling_word_of_a_place_name_is_in_two_splits(splits):
    words = [
        {fold(token) for kind, tokens in entities_of(split) if kind == "LOC" for token in tokens}
        for split in splits
    ]
    assert_disjoint([split - SHARED_PLACE_WORDS for split in words])


def test_no_sentence_is_repeated(splits):
    sentences = [sentence for split in splits for sentence in split]
    assert len(set(sentences)) == len(sentences)


def test_no_frame_is_in_two_splits():
    assert_disjoint([{frame.parts for frame in frames_of(split)} for split in SPLITS])


def test_no_frame_is_a_near_copy_of_one_in_another_split():
    compared = [[features(frame) for frame in frames_of(split)] for split in SPLITS]
    for first, second in combinations(compared, 2):
        assert not [pair for pair in product(first, second) if are_near_copies(*pair)]


def test_the_splits_of_the_pool_have_the_shares_they_should():
    sizes = [len(frames_of(split)) for split in SPLITS]
    shares = [size / sum(sizes) for size in sizes]
    assert sum(sizes) >= 1200
    assert shares == pytest.approx([0.84, 0.06, 0.10], abs=0.02)


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        # telling words: 3 of 4 shared
        ("{PER} sold the old boat in May", "The old boat {PER} sold in {month} !", True),
        ("{PER} sold the old boat in May", "{PER} sold a new car in June", False),
        # too few telling words: words and slots
        ("{PER} sold the {noun}", "{PER} sold a {noun}", False),
        ("{PER} and {PER} sold the {noun} .", "{PER} and {PER} sold the {noun} !", True),
        ("{PER} slept", "{CITY} slept", False),
    ],
)
def test_near_copies_share_most_of_their_words(first, second, alike):
    slots = {"PER", "CITY", "month", "noun"}
    one, other = (features(parse_frame(line, slots, "here")) for line in (first, second))
    assert are_near_copies(one, other) is are_near_copies(other, one) is alike


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
    assert 0.05 <= share <= 0.25  # a tenth of the pool; a hash deals it out


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
