"""People's names out of Faker's lists: clean, labelled by locale, split without leaks."""

import os
import random
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from kerasrnn.data import DataError, _offline_names, offline_names
from kerasrnn.data._offline_names import NAME_KINDS, NAME_LOCALES

FEW = ("da_DK", "ru_RU", "sv_SE")


@pytest.fixture(scope="module", params=NAME_KINDS)
def splits(request):
    return offline_names(kind=request.param)


@pytest.fixture(scope="module")
def given():
    return offline_names()


def everything(splits):
    return [example for split in splits for example in split]


def contents(examples, label):
    return {example.content for example in examples if example.label == label}


def test_no_held_out_name_is_in_another_split_whatever_its_locale_and_capitals(splits):
    places = defaultdict(set)
    for number, split in enumerate(splits):
        for example in split:
            places[example.content.casefold()].add(number)
    assert {len(found) for found in places.values()} == {1}


def test_a_name_of_several_locales_is_an_example_of_each(given):
    locales = Counter(example.content for example in everything(given))
    assert locales["Maria"] > 1
    assert contents(everything(given), "da_DK") & contents(everything(given), "sv_SE")


def test_a_locale_has_a_name_once(splits):
    counts = Counter((e.content.casefold(), e.label) for e in everything(splits))
    assert set(counts.values()) == {1}


def test_each_locale_is_in_each_split_by_its_share(splits):
    whole = Counter(example.label for example in everything(splits))
    assert set(whole) == set(NAME_LOCALES)
    for split, share in zip(splits, (0.8, 0.1, 0.1), strict=True):
        counts = Counter(example.label for example in split)
        for locale, size in whole.items():
            assert counts[locale] == pytest.approx(share * size, abs=3 + 0.02 * size)


def test_every_locale_of_the_default_is_rich_in_given_names(given):
    counts = Counter(example.label for example in everything(given))
    assert len(counts) >= 20
    assert min(counts.values()) >= 200


def test_names_are_of_letters_of_one_alphabet_in_nfc(splits):
    for name in {example.content for example in everything(splits)}:
        assert unicodedata.is_normalized("NFC", name)
        assert name == " ".join(name.split())
        alphabets = {unicodedata.name(letter).split()[0] for letter in name if letter.isalpha()}
        assert alphabets - {"MODIFIER"} in ({"LATIN"}, {"CYRILLIC"}, {"GREEK"})
        assert all(letter.isalpha() or letter in " -'’ʼ" for letter in name)


@pytest.mark.parametrize(
    "name", ["Hans-Jürgen", "van 't Wel", "d'Hondt", "Ия", "José Luis", "d' Heripon"]
)
def test_a_name_as_it_is_written_is_kept(name):
    assert _offline_names._is_clean(name)


@pytest.mark.parametrize(
    "slip",
    ["Hans D.", "H.-Dieter", "ЛЕА-МАРИЯ", "анета", "Васовa", "N˜zamett˜n", "Werl, van", "A", "",
     "王", "A-", "Ann  Bo", "Ann--Bo"],
)  # fmt: skip
def test_abbreviations_and_slips_are_left_out(slip):
    assert not _offline_names._is_clean(slip)


def test_given_and_family_names_are_read_from_their_lists():
    given = contents(everything(offline_names(FEW)), "ru_RU")
    family = contents(everything(offline_names(FEW, kind="family")), "ru_RU")
    both = contents(everything(offline_names(FEW, kind="both")), "ru_RU")
    assert "Владимир" in given - family
    assert any(name.endswith("ова") for name in family - given)
    assert both == given | family


def test_what_faker_has_for_all_locales_is_not_taken_for_a_locales_own():
    with pytest.raises(DataError, match="no family names of 'is_IS'"):
        offline_names(("is_IS",), kind="family")  # its list is of parents' given names
    assert "Doe" not in contents(everything(offline_names(FEW, kind="family")), "da_DK")


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    random.seed(1)
    first = offline_names(FEW, seed=3)
    random.random()
    assert first == offline_names(tuple(reversed(FEW)), seed=3)
    assert first.test != offline_names(FEW, seed=4).test


def test_the_split_does_not_hang_on_the_order_of_sets():
    code = f"from kerasrnn.data import offline_names; print(offline_names({FEW}).test)"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_an_unknown_locale_is_told_with_one_like_it():
    with pytest.raises(DataError, match=r"no names of 'de_DD'. Did you mean 'de_DE'\?"):
        offline_names(("de_DD",))


def test_a_locale_of_another_script_is_refused():
    with pytest.raises(DataError, match="no given names of 'ja_JP' in letters"):
        offline_names(("ja_JP",))


@pytest.mark.parametrize("locales", ["de_DE", ()])
def test_locales_must_be_a_list(locales):
    with pytest.raises(DataError, match="must be a list of locales"):
        offline_names(locales)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="`kind` must be one of"):
        offline_names(kind="middle")
