"""The offline reviews: balanced, deterministic, split without leaks, and blind to bags of words."""

import hashlib
import os
import random
import re
import subprocess
import sys
from collections import Counter
from itertools import combinations, product
from pathlib import Path

import pytest

from kerasrnn.data import DataError, Labelled, offline_sentiment, tokenize
from kerasrnn.data._offline_sentiment import _generate, _read, _words
from kerasrnn.data._offline_sentiment._deal import are_near_copies, clusters, deal
from kerasrnn.data._offline_sentiment._frames import (
    DOMAINS,
    PAIRS,
    Frame,
    fill,
    is_balanced,
    parse_frame,
)
from kerasrnn.data._offline_sentiment._generate import frames_of
from kerasrnn.data._offline_sentiment._words import Drawer, split_of_pair, word_lists, words_of
from kerasrnn.data._text import word_key

SPLITS = ("train", "validation", "test")
FILES = ("order.txt", "plain.txt", "neutral.txt")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def splits():
    return offline_sentiment(train=4000, validation=400)


def part(examples, name):
    return [example for example in examples if example.part == name]


def bag(text):
    return Counter(map(word_key, tokenize(text)))


def digest(splits):
    content = "\n".join(f"{e.content} {e.label} {e.part}" for split in splits for e in split)
    return hashlib.sha256(content.encode()).hexdigest()


def test_sizes_are_those_asked_for():
    assert [len(split) for split in offline_sentiment(train=25, validation=0, test=7)] == [25, 0, 7]


def test_a_negative_size_is_refused_by_name():
    with pytest.raises(ValueError, match="`test` must be 0 or more; received test=-1"):
        offline_sentiment(train=0, validation=0, test=-1)


def test_the_seed_alone_decides():
    sizes = {"train": 60, "validation": 20, "test": 20}
    code = (
        "from kerasrnn.data import offline_sentiment\n"
        "from hashlib import sha256\n"
        f"splits = offline_sentiment(**{sizes})\n"
        r"content = '\n'.join(f'{e.content} {e.label} {e.part}' for s in splits for e in s)"
        "\nprint(sha256(content.encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    random.seed(3)
    assert there.stdout.strip() == digest(offline_sentiment(**sizes)), there.stderr
    assert digest(offline_sentiment(**sizes)) != digest(offline_sentiment(seed=1, **sizes))


def test_one_size_does_not_change_the_other_splits():
    few, more = (offline_sentiment(train=size, validation=10, test=10) for size in (10, 50))
    assert few[1:] == more[1:]


@pytest.mark.parametrize("split", SPLITS)
def test_labels_are_balanced_in_each_part_and_half_is_of_the_part_order(splits, split):
    examples = getattr(splits, split)
    assert all(isinstance(example, Labelled) for example in examples)
    counts = Counter((example.part, example.label) for example in examples)
    quarter = len(examples) // 4
    assert counts == {
        (name, label): quarter for name in ("order", "plain") for label in ("positive", "negative")
    }


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 9])
def test_labels_of_few_texts_differ_by_one_at_most(size):
    train = offline_sentiment(train=size, validation=0, test=0).train
    for name in ("order", "plain"):
        counts = Counter(example.label for example in part(train, name))
        assert abs(counts["positive"] - counts["negative"]) <= 1


@pytest.mark.parametrize("split", SPLITS)
def test_every_bag_of_words_of_the_part_order_has_both_labels_equally_often(splits, split):
    # So whatever is a function of the bag of words is right in exactly half of the part.
    bags = {"positive": Counter(), "negative": Counter()}
    for example in part(getattr(splits, split), "order"):
        bags[example.label][frozenset(bag(example.content).items())] += 1
    assert bags["positive"] == bags["negative"]


@pytest.mark.parametrize("split", SPLITS)
def test_every_word_of_the_part_order_occurs_equally_often_in_both_labels(splits, split):
    counts = {"positive": Counter(), "negative": Counter()}
    for example in part(getattr(splits, split), "order"):
        counts[example.label].update(bag(example.content))
    assert counts["positive"] == counts["negative"]


@pytest.mark.parametrize("counting", ["CountVectorizer", "TfidfVectorizer"])
def test_a_linear_classifier_of_single_words_is_blind_in_the_part_order(splits, counting):
    text = pytest.importorskip("sklearn.feature_extraction.text")
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(getattr(text, counting)(), LogisticRegression(max_iter=1000))
    model.fit(*zip(*((e.content, e.label) for e in splits.train), strict=True))
    scores = {
        name: model.score(
            *zip(*((e.content, e.label) for e in part(splits.test, name)), strict=True)
        )
        for name in ("order", "plain")
    }
    assert scores["order"] < 0.6
    assert scores["plain"] > 0.6  # it has learnt what words alone can tell


def test_no_text_occurs_twice(splits):
    texts = [example.content.lower() for split in splits for example in split]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_texts_are_whole_sentences_without_notation_or_wrong_articles(splits):
    for split in splits:
        for example in split:
            assert not set(example.content) & set("{}()|[]+")
            assert "  " not in example.content
            assert example.content == example.content.strip()
            assert example.content[-1] in ".!?"
            assert not re.search(r"[.!?] [a-z]", example.content)
            assert not re.search(r"\b[Aa] (?=[aeiou])", example.content)


@pytest.mark.parametrize("file", FILES)
def test_no_frame_is_in_two_splits_nor_twice_in_one(file):
    frames = [frame for split in SPLITS for _, frame in frames_of(file, split)]
    assert [frame for frame, count in Counter(frames).items() if count > 1] == []
    assert len(frames) == sum(map(len, _read.sections(file).values()))


@pytest.mark.parametrize("file", FILES)
def test_no_frame_has_a_near_copy_of_its_section_in_another_split(file):
    for one, other in combinations(SPLITS, 2):
        for section, frame in frames_of(file, one):
            near = [f for s, f in frames_of(file, other) if s == section]
            assert not [f for f in near if are_near_copies(frame, f)], frame


def test_each_construction_is_in_each_split_and_mostly_in_training():
    counts = {s: Counter(section for section, _ in frames_of("order.txt", s)) for s in SPLITS}
    assert counts["train"].keys() == counts["validation"].keys() == counts["test"].keys()
    assert sum(map(len, _read.sections("order.txt").values())) >= 500
    for section, count in counts["train"].items():
        assert count > counts["validation"][section] + counts["test"][section], section


def test_opposites_that_a_frame_of_order_sets_against_each_other_are_of_one_split():
    for split in SPLITS:
        rng = random.Random(0)
        draw = Drawer(split, rng, own_pairs=True)
        for good, bad in PAIRS.items():
            for domain, consonant in product(DOMAINS, (False, True)):
                pair = draw.pair(good, bad, domain, consonant, ())
                assert split_of_pair(*pair) == split
                assert pair[0] in words_of(good, domain)
                assert pair[1] in words_of(bad, domain)


def test_opposites_of_the_test_part_order_occur_in_training_by_themselves(splits):
    sides = {*PAIRS, *PAIRS.values()}
    opposites = {
        word
        for name, words in word_lists().items()
        if name.split()[-1] in sides
        for word in words
        if word.isalpha()
    }
    found = [set().union(*(bag(e.content) for e in split)) & opposites for split in splits]
    assert len(found[2]) > 150
    assert found[2] <= found[0]


def test_no_word_is_on_both_sides():
    sides = [
        {word for name, words in word_lists().items() if name.split()[-1] in side for word in words}
        for side in (PAIRS.keys(), PAIRS.values())
    ]
    assert not sides[0] & sides[1]
    for name, words in word_lists().items():
        assert len(set(words)) == len(words), name


def test_more_texts_than_there_are_is_an_error(monkeypatch):
    monkeypatch.setattr(_generate, "DOMAINS", ("film",))
    frames = {"plain.txt": [("", Frame("", "", "It is {good}."))], "neutral.txt": []}
    monkeypatch.setattr(_generate, "frames_of", lambda file, split: frames[file])
    writer = _generate._Writer("train", random.Random(0))
    writer._neutral = lambda count, domain: []
    with pytest.raises(DataError, match="not so many distinct offline reviews: train has"):
        writer.plain(1000)


# The notation


def readings(line, seed=0, domain="film"):
    rng = random.Random(seed)
    return fill(parse_frame("here", line), domain, Drawer("train", rng, own_pairs=True), rng)


def test_the_twin_of_a_frame_has_opposites_in_each_others_place(monkeypatch):
    monkeypatch.setattr(
        _words, "words_of", lambda name, domain: {"good": ("fine",), "bad": ("dull",)}[name]
    )
    monkeypatch.setattr(_words, "split_of_pair", lambda good, bad: "train")
    assert readings("it is {good}, not {bad}, not {bad}.") == (
        "It is fine, not dull, not dull.",
        "It is dull, not fine, not fine.",
    )


def test_words_of_one_side_move():
    assert readings("I did {+not} regret it and would {-not} go.") == (
        "I did not regret it and would go.",
        "I did regret it and would not go.",
    )


def test_alternatives_and_what_both_have_are_the_same_in_both():
    for seed in range(20):
        positive, negative = readings("The {thing} (was|of {who} seemed) {good}, not {bad}.", seed)
        assert bag(positive) == bag(negative)
        assert positive != negative


def test_two_slots_of_a_kind_get_two_words():
    for seed in range(30):
        words = readings("{good} {good2} {good3} {bad} {bad2} {bad3}", seed)[0].lower()
        found = [word for name in ("good", "bad") for word in words_of(name, "film")
                 if re.search(rf"\b{word}\b", words)]  # fmt: skip
        assert len(set(found)) >= 6


def test_an_article_never_stands_before_a_vowel_where_the_twins_would_differ():
    for seed in range(60):
        positive, negative = readings("A {bad} start and a {good} end.", seed)
        assert bag(positive) == bag(negative)
        assert " an " not in f" {positive} {negative} ".lower()


@pytest.mark.parametrize(
    ("line", "balanced"),
    [
        ("It is {good}, not {bad}.", True),
        ("Neither {bad} nor {bad2}, but {good} and {good2}.", True),
        ("I did {+not} go and did {-not} regret it.", True),
        ("{+This} {-The other} one, not {+the other} {-this} one.", True),
        ("It is {good}.", False),
        ("It is {good}, not {bad} nor {bad2}.", False),
        ("It is {good}, not {bad2}.", False),
        ("I did {+not} go.", False),
        ("We sat down.", False),
    ],
)
def test_a_frame_is_balanced_when_its_readings_have_the_same_words(line, balanced):
    assert is_balanced(parse_frame("here", line)) is balanced


def test_an_unbalanced_frame_of_order_is_refused_with_its_place(monkeypatch, tmp_path):
    tmp_path.joinpath("order.txt").write_text("# a comment\n\n[one]\nIt is {good}.\n")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    with pytest.raises(ValueError, match=r"order\.txt, line 4: the two readings differ"):
        _generate._frames.__wrapped__("order.txt")


@pytest.mark.parametrize("line", ["{nice} day", "{good day", "(one|two", "one|two", "[one]"])
def test_a_malformed_frame_is_refused_with_its_place(line):
    with pytest.raises(ValueError, match=r"here: "):
        parse_frame("here", line)


def test_a_frame_may_have_a_domain_or_one_label_alone():
    assert parse_frame("", "film: We sat.") == Frame("film", "", "We sat.")
    assert parse_frame("", "+ Go: it is worth it.") == Frame("", "positive", "Go: it is worth it.")
    assert parse_frame("", "- Never.") == Frame("", "negative", "Never.")
    assert parse_frame("", "In a word: {good}.") == Frame("", "", "In a word: {good}.")


# Dealing out


def frames(*lines):
    return [parse_frame("here", line) for line in lines]


def test_mirror_images_are_near_copies_and_others_are_not():
    one, mirror, other = frames(
        "It is {good} now and was {bad} before.",
        "It was {bad} before, and now it is {good}.",
        "Today it is {good}, which was {bad} once.",
    )
    assert are_near_copies(one, mirror)
    assert not are_near_copies(one, other)
    assert sorted(map(len, clusters([one, mirror, other]))) == [1, 2]


def test_frames_that_are_dealt_do_not_depend_on_their_order():
    lines = [f"word{number} {{good}}, other{number} {{bad}}" for number in range(30)]
    there, back = deal(frames(*lines)), deal(frames(*reversed(lines)))
    assert {split: set(found) for split, found in there.items()} == {
        split: set(found) for split, found in back.items()
    }
    assert [len(there[split]) for split in SPLITS] == [24, 2, 4]
