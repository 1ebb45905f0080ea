import codecs
from dataclasses import replace

import numpy as np
import pytest

from kerasrnn.data import DataError, Labelled, Splits, offline_video
from kerasrnn.training import load_recipe
from kerasrnn.training._contents import BAGS_OF_WORDS, CLIPS, DNA, TEXTS, VECTORS
from kerasrnn.training._task import get_task, task_names

LATIN = 'text,label\n"The café was fine",good\n"So très dull",bad\n'
DEFAULTS = {"text": "text", "label": "label", "encoding": "", "quotes": True, "labels": ""}
SITES = (Labelled("ACGTA", "ei"), Labelled("GGN", "n"), Labelled("TTTTT", "ei"))
ARRAYS = {
    CLIPS: tuple(offline_video(train=24, validation=0, test=0).train[:10]),
    VECTORS: tuple(Labelled(np.array([n, -n / 3]), f"k{n % 2}") for n in range(10)),
}


def written(path, content):
    path.write_text(content, encoding="utf-8")
    return path


def silent(message):
    raise AssertionError(message)


@pytest.mark.parametrize("name", task_names())
def test_each_task_has_the_name_it_is_found_by(name):
    task = get_task(name)
    assert task.name == name
    assert task.item
    assert task.score


def test_kinds_of_vocabularies_tell_the_tasks_apart():
    kinds = [get_task(name).vocabulary.kind for name in task_names()]
    assert len(set(kinds)) == len(kinds)


# Reading


@pytest.mark.parametrize("task", [TEXTS, BAGS_OF_WORDS, DNA])
def test_the_recipe_says_which_columns_of_a_table_are_read(tmp_path, task):
    path = written(tmp_path / "x.csv", "id,letters,kind\n1,ACGT,a\n2,GGG,b\n")
    files = {**DEFAULTS, "text": "letters", "label": "kind"}
    assert task.read(path, files, silent) == (Labelled("ACGT", "a"), Labelled("GGG", "b"))
    with pytest.raises(DataError, match="no column 'text'"):
        task.read(path, DEFAULTS, silent)


def test_a_text_may_be_empty(tmp_path):
    path = written(tmp_path / "x.tsv", "text\tlabel\n\tnone\nfine\tgood\n")
    assert TEXTS.read(path, DEFAULTS, silent)[0] == Labelled("", "none")


def test_a_file_in_latin_1_is_one_clear_message_until_its_encoding_is_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(LATIN.encode("latin-1"))
    with pytest.raises(DataError) as caught:
        TEXTS.read(path, DEFAULTS, silent)
    assert str(caught.value).startswith(f"{path}:2: not UTF-8: byte 0xe9.")
    assert "--set files.encoding=latin-1" in str(caught.value)
    found = TEXTS.read(path, {**DEFAULTS, "encoding": "latin-1"}, silent)
    assert [example.content for example in found] == ["The café was fine", "So très dull"]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-8", codecs.BOM_UTF8),
    ],
)
def test_a_byte_order_mark_tells_the_encoding(tmp_path, encoding, mark):
    path = tmp_path / "x.csv"
    path.write_bytes(mark + LATIN.encode(encoding))
    assert TEXTS.read(path, DEFAULTS, silent)[0] == Labelled("The café was fine", "good")


@pytest.mark.parametrize("name", ["x.fa", "x.FASTA", "x.fna"])
def test_dna_is_read_from_fasta_by_the_name_of_the_file(tmp_path, name):
    path = written(tmp_path / name, ">one ei\nACG\nta\n>two n\nGGN\n")
    assert DNA.read(path, DEFAULTS, silent) == SITES[:2]
    table = written(tmp_path / "labels.csv", "one,x\ntwo,y\n")
    found = DNA.read(path, {**DEFAULTS, "labels": str(table)}, silent)
    assert [example.label for example in found] == ["x", "y"]


def test_vectors_are_read_from_a_table_of_numbers(tmp_path):
    path = written(tmp_path / "x.csv", "a,kind,b\n1,x,2\n3,y,4\n")
    first, second = VECTORS.read(path, {**DEFAULTS, "label": "kind"}, silent)
    assert (first.content.tolist(), second.content.tolist()) == ([1, 2], [3, 4])
    assert (first.label, second.label) == ("x", "y")


def test_there_are_no_vectors_but_those_of_files():
    with pytest.raises(DataError, match="no vectors offline; give a CSV file"):
        VECTORS.offline()
    with pytest.raises(DataError, match="not read from TFDS; received 'iris'"):
        VECTORS.from_tfds("iris", 0, {}, silent)


# What is kept


@pytest.mark.parametrize("task", [TEXTS, BAGS_OF_WORDS, DNA])
def test_samples_of_strings_read_back_as_they_were(tmp_path, task):
    examples = (*SITES, Labelled("ACG", "ei", "a part"))
    task.write_samples(tmp_path / task.samples, examples)
    assert task.read_samples(tmp_path / task.samples) == examples


@pytest.mark.parametrize("task", ARRAYS, ids=lambda task: task.name)
def test_samples_of_arrays_read_back_as_they_were(tmp_path, task):
    task.write_samples(tmp_path / task.samples, ARRAYS[task])
    found = task.read_samples(tmp_path / task.samples)
    assert [example.label for example in found] == [example.label for example in ARRAYS[task]]
    for example, expected in zip(found, ARRAYS[task], strict=True):
        np.testing.assert_array_equal(example.content, expected.content)
        assert example.content.dtype == expected.content.dtype


@pytest.mark.parametrize("task", [TEXTS, DNA, CLIPS, VECTORS], ids=lambda task: task.name)
def test_another_content_or_label_is_of_other_bytes(task):
    first, second, *_ = ARRAYS.get(task, SITES)
    found = {
        task.parts_of(example)
        for example in (first, second, replace(first, label="other"), replace(second, label="x"))
    }
    assert len(found) == 4


def test_some_tens_of_samples_are_kept_and_fewer_of_clips():
    assert TEXTS.choose_samples(SITES * 20) == (SITES * 20)[:32]
    assert TEXTS.choose_samples(SITES) == SITES
    assert CLIPS.choose_samples(ARRAYS[CLIPS]) == ARRAYS[CLIPS][:8]


# Training


@pytest.mark.parametrize("task", [TEXTS, DNA])
def test_rows_of_joined_contents_fill_the_length(task):
    contents = ["ACG T", "GG"] if task is TEXTS else ["ACGT", "GG"]
    rows = task.joined(contents, 8, 3)
    assert [len(row) for row in rows] == [8] * 3
    assert len({tuple(row) for row in rows}) > 1  # each goes on where the last one ended


def test_dna_is_recombined_as_the_recipe_says():
    recipe = load_recipe("dna_bigru").override("training.recombine", 0.5)
    vocabulary = DNA.vocabulary.build(SITES)
    contents = [site.content for site in SITES]
    given = (
        vocabulary.encode(contents),
        vocabulary.encode_labels(SITES),
        vocabulary.lengths(contents),
    )
    change = DNA.augmentation(*given, recipe)["letters"]
    found = [change(np.arange(3), np.random.default_rng(seed)) for seed in range(30)]
    assert any(
        np.array_equal(rows[0], vocabulary.encode(["ACTTT"])["letters"][0]) for rows in found
    )
    assert all(np.array_equal(rows[1], given[0]["letters"][1]) for rows in found)
    assert DNA.augmentation(*given, recipe.override("training.recombine", 0.0)) is None


def test_only_dna_is_changed_in_training():
    recipe = load_recipe("dna_bigru")
    assert TEXTS.augmentation({}, np.zeros(1), np.ones(1), recipe) is None


# As vectors


def test_dna_as_vectors_is_one_row_of_letters_shares_of_the_training_length():
    splits = Splits(SITES, (Labelled("ACGTACGT", "n"),), (Labelled("A", "ei"),))
    found = DNA.as_vectors(splits)
    width = len(found.train[0].content) // 5
    assert [len(e.content) for part in found for e in part] == [5 * width] * 5
    first = found.train[0].content.reshape(5, width)
    assert sorted(first[0].tolist()) == [0.0] * (width - 1) + [1.0]
    np.testing.assert_array_equal(first[0], first[4])  # both are A
    assert not np.array_equal(first[0], first[1])
    np.testing.assert_array_equal(found.validation[0].content, found.train[0].content)  # cut
    assert not found.test[0].content.reshape(5, width)[1:].any()
    assert [e.label for part in found for e in part] == ["ei", "n", "ei", "n", "ei"]


def test_clips_as_vectors_are_the_mean_of_their_frames():
    clip = ARRAYS[CLIPS][0]
    found = CLIPS.as_vectors(Splits((clip,), (), (replace(clip, content=clip.content[::-1]),)))
    expected = clip.content.astype("float64").mean(axis=0).reshape(-1) / 255
    np.testing.assert_allclose(found.train[0].content, expected)
    np.testing.assert_allclose(found.test[0].content, expected)  # their order is not in it


# Use


@pytest.mark.parametrize("task", [TEXTS, DNA])
def test_what_is_written_is_itself_the_content(task):
    assert task.inputs_of("ACGT", DEFAULTS) == [("ACGT", "ACGT")]


def test_a_fasta_file_has_a_content_for_each_of_its_sequences(tmp_path):
    path = written(tmp_path / "x.fa", ">one\nACG\nta\n>two of two\nGGN\n")
    assert list(DNA.inputs_of(str(path), DEFAULTS)) == [("one", "ACGTA"), ("two of two", "GGN")]
    with pytest.raises(DataError, match="no such file"):
        DNA.inputs_of(str(tmp_path / "no.fa"), DEFAULTS)


def test_a_vector_is_numbers_with_commas():
    ((shown, content),) = VECTORS.inputs_of("-0.5, 1,3e2", DEFAULTS)
    assert shown == "-0.5, 1,3e2"
    assert content.tolist() == [-0.5, 1, 300]
    for bad in ("", "1;2", "1,,2", "one"):
        with pytest.raises(DataError, match="is no vector: give numbers with commas"):
            VECTORS.inputs_of(bad, DEFAULTS)
