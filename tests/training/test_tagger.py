import numpy as np
import pytest

from kerasrnn.data import Sentence, read_conll, tokenize
from kerasrnn.export import LiteRTModel
from kerasrnn.training import Tagger
from kerasrnn.training._tagger import _pieces
from kerasrnn.zoo import shipped_folder

TEXTS = [
    "Harry Potter and Hermione Granger invented a new spell",
    "Ms. O'Brien's train left Rome at 10:30.",
    "Unbekannt",
    "東京 🙂 Москва",
]


LONG = (
    "Yesterday Harry Potter and Hermione Granger met Ada Lovelace in New York , where the United "
    "Nations opened an office ."
)


@pytest.fixture(scope="module")
def by_keras(trained):
    return Tagger(trained)


@pytest.fixture(scope="module")
def by_litert(trained):
    return Tagger(str(trained / "ner_bilstm.tflite"))


@pytest.fixture(scope="module")
def lines(trained):
    return [sentence.tokens for sentence in read_conll(trained / "samples.conll")]


def test_both_files_have_the_same_vocabulary(by_keras, by_litert):
    assert by_keras.vocabulary.to_json() == by_litert.vocabulary.to_json()


def test_both_files_give_the_same_tags_and_probabilities(by_keras, by_litert, lines):
    lines = [*lines, *(tuple(tokenize(text)) for text in TEXTS)]
    lines = [line for line in lines if len(line) <= 24]  # of others see below
    assert len(lines) > 10
    assert by_keras.predict(lines) == by_litert.predict(lines)
    for one, other in zip(
        by_keras.probabilities(lines), by_litert.probabilities(lines), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_some_entities_are_found(by_litert, lines):
    tags = {tag for sentence in by_litert.predict(lines) for tag in sentence.tags}
    assert len(tags) > 1
    assert tags <= set(by_litert.vocabulary.tags) | {
        f"B-{tag[2:]}" for tag in by_litert.vocabulary.tags
    }


@pytest.mark.parametrize("kind", ["by_keras", "by_litert"])
class TestEitherFile:
    @pytest.fixture
    def tagger(self, kind, request):
        return request.getfixturevalue(kind)

    def test_a_text_is_split_into_tokens_and_tagged(self, tagger):
        for text in TEXTS:
            sentence = tagger.tag(text)
            assert sentence.tokens == tuple(tokenize(text))
            assert sentence == tagger.predict([tokenize(text)])[0]

    @pytest.mark.parametrize("text", ["", " \t\u2003"])
    def test_a_text_without_tokens_has_no_tags(self, tagger, text):
        assert tagger.tag(text) == Sentence((), ())

    def test_no_sentences_give_none(self, tagger):
        assert tagger.predict([]) == []

    def test_sentences_come_back_in_their_order(self, tagger):
        lines = [("a",) * length for length in (3, 1, 20, 2, 0, 5)]
        assert [sentence.tokens for sentence in tagger.predict(lines)] == lines

    def test_the_tags_of_sentences_are_not_read(self, tagger, lines):
        marked = [Sentence(line, ("B-NONSENSE",) * len(line)) for line in lines]
        assert tagger.predict(marked) == tagger.predict(lines)

    def test_each_token_has_one_probability_a_tag(self, tagger):
        one, other = tagger.probabilities([("Ada", "met", "Bob"), ("Rome",)])
        assert one.shape == (3, len(tagger.vocabulary.tags))
        assert other.shape == (1, len(tagger.vocabulary.tags))
        np.testing.assert_allclose(one.sum(-1), 1, atol=1e-5)

    def test_a_sentence_is_tagged_alike_alone_and_among_others(self, tagger, lines):
        together = tagger.probabilities(lines)
        for line, rows in list(zip(lines, together, strict=True))[:6]:
            np.testing.assert_allclose(tagger.probabilities([line])[0], rows, atol=1e-5)


def test_many_sentences_are_tagged_batch_by_batch(by_keras):
    lines = [("Ada", "met", f"w{n}", "Rome")[: 1 + n % 4] for n in range(150)]
    assert [sentence.tokens for sentence in by_keras.predict(lines)] == lines


@pytest.mark.parametrize("length", [24, 25, 48, 60])
def test_a_sentence_longer_than_the_tflite_file_is_tagged_in_pieces(by_litert, lines, length):
    line = tuple(token for sentence in lines for token in sentence)[:length]
    rows = by_litert.probabilities([line])[0]
    assert rows.shape[0] == length
    starts, best = _pieces(length, 24)
    pieces = by_litert.probabilities([line[start : start + 24] for start in starts])
    for place, number in enumerate(best):
        np.testing.assert_array_equal(rows[place], pieces[number][place - starts[number]])
    assert by_litert.predict([line])[0].tokens == line


@pytest.mark.parametrize("tokens", [0, 1, 23, 24, 25, 36, 37, 60, 200])
@pytest.mark.parametrize("length", [1, 2, 7, 24])
def test_each_token_of_a_long_sentence_has_a_quarter_piece_around_it(tokens, length):
    starts, best = _pieces(tokens, length)
    assert len(best) == tokens
    for place, number in enumerate(best):
        start = starts[number]
        end = min(start + length, tokens)
        assert start <= place < end
        assert start == 0 or place - start >= length // 4
        assert end == tokens or end - 1 - place >= length // 4 - 1


def test_a_long_text_has_the_tags_of_its_sentences():
    """At the borders of the file's 64 tokens too: the fourth sentence of 21 tokens crosses one."""
    folder = shipped_folder("ner_bilstm")
    one = tuple(LONG.split())
    tagger = Tagger(folder / "ner_bilstm.tflite")
    alone = tagger.predict([one])[0].tags
    assert alone.count("O") < len(alone) - 4
    for shift in (0, 3, 7):
        text = one * 10 + one[:shift]
        assert tagger.predict([text])[0].tags[: 10 * len(one)] == alone * 10
    assert tagger.predict([one * 10]) == Tagger(folder).predict([one * 10])


def test_nothing_there_is_refused_with_the_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: there is no such folder or file"):
        Tagger(tmp_path / "nowhere")


def test_a_folder_that_is_no_models_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not a trained model's folder"):
        Tagger(tmp_path)


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "x.tflite").write_text("not a model")
    with pytest.raises(ValueError, match=r"x\.tflite is not a TFLite file"):
        Tagger(tmp_path / "x.tflite")


def test_a_tflite_file_without_a_vocabulary_is_refused(trained, tmp_path):
    content = (trained / "ner_bilstm.tflite").read_bytes()
    bare = tmp_path / "bare.tflite"
    bare.write_bytes(content[: content.rindex(b"PK\x03\x04")])  # where the archive begins
    assert LiteRTModel(bare).input_shapes["words"] == (1, 24)
    with pytest.raises(ValueError, match=r"bare\.tflite carries no vocabulary\.json"):
        Tagger(bare)
