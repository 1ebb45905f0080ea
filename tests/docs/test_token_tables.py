"""The tables of models of the next token: their scores, the n-grams beside them, what they made."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def docs(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")


@pytest.fixture
def tables():
    return importlib.import_module("token_tables")


@pytest.fixture
def cards():
    return importlib.import_module("card_tables")


def scores(perplexity=50.0, bits=1.5, unknown=10, known=40.0):
    """What is measured on the test tokens, in figures that are easy to find."""
    return {
        "perplexity": perplexity,
        "bits": bits,
        "log_prob": -1.0,
        "tokens": 1000,
        "units": 5000,
        "unit": "character",
        "unknown": unknown,
        "known": {"perplexity": known, "tokens": 1000 - unknown},
    }


def word_model(**changed):
    return {
        "model": "word_lm_lstm",
        "task": "language_modelling",
        "seed": 1,
        "parameters": 1234,
        "data": {"source": "moby_dick", "sha256": "0" * 64, "examples": {"train": 3, "test": 1}},
        "score": {"name": "perplexity", "validation": 55.25, "test": 50.0},
        "training": {
            "epochs": 2,
            "seconds": 9.0,
            "clipping": {
                "by": "global_clipnorm",
                "at": 1.0,
                "share_of_steps": 0.25,
                "largest_norm": 7.5,
            },
        },
        "test": scores(),
        "baselines": {"kneser_ney_5": scores(perplexity=100.0, bits=2.0, known=80.0)},
        "environment": {"cores": 2, "python": "3.11"},
        "exports": {
            "tflite": {
                "bytes": 210_000,
                "milliseconds": 0.5,
                "largest_difference": 1e-7,
                "sequence_length": 64,
            }
        },
        **changed,
    }


def test_perplexity_bits_and_both_ways_to_count_unknown_tokens_are_told(tables):
    lines = tables.token_metrics_table(scores()).splitlines()
    assert "| perplexity a token | 50.00 |" in lines
    assert "| bits a character | 1.5000 |" in lines
    assert "| unknown tokens | 10 (1.00%) |" in lines
    assert "| perplexity a known token | 40.00 |" in lines


def test_without_unknown_tokens_there_is_one_perplexity(tables):
    assert "known token |" not in tables.token_metrics_table(scores(unknown=0, known=50.0))


def test_a_model_stands_above_its_ngrams_with_what_it_has_less(tables):
    text = tables.token_baselines_table(word_model(), lambda key: f"called {key}")
    head, _, own, other = text.splitlines()
    assert head.count("|") == own.count("|") == other.count("|")
    assert own.startswith("| **`word_lm_lstm`** | 1.5000 | 50.00 | 40.00 |")
    assert other == "| called kneser_ney_5 | 2.0000 | 100.00 | 80.00 | 25.0% | 50.0% |"


def test_a_model_that_is_worse_than_an_ngram_is_said_to_be(tables):
    metrics = word_model(baselines={"kneser_ney_5": scores(perplexity=25.0, bits=1.2)})
    last = tables.token_baselines_table(metrics, str).splitlines()[-1]
    assert last.endswith("| -25.0% | -100.0% |")


def test_a_baselines_name_is_that_of_its_function(cards):
    assert (
        "Interpolated Kneser-Ney 5-gram"
        in cards.card_sections(word_model(), ROOT / "saved_models" / "sentiment_gru")["baselines"]
    )


def test_the_facts_tell_how_often_clipping_acted_and_of_how_many_tokens_a_time_is(cards):
    text = cards.facts_table(word_model(), ROOT / "saved_models" / "sentiment_gru")
    assert "`global_clipnorm` at 1.0 acted in 25.0% of the steps; the largest norm was 7.5" in text
    assert "| TFLite, 64 tokens | 0.5 ms on one thread |" in text
    assert "| best validation perplexity | 55.2 |" in text


def test_in_the_table_of_models_lower_is_said_to_be_better(cards):
    (row,) = cards.models_table([word_model()]).splitlines()[2:]
    assert "| language modelling | perplexity 50.0 (lower is better) |" in row
    assert row.endswith("| 0.5 ms for 64 tokens |")


def test_an_exports_score_is_called_as_it_was_measured(cards):
    row = {
        "asked": {"target": "mobile", "quantize": "int8"},
        "quantize": "int8",
        "bytes": 100_000,
        "largest_difference": 0.01,
        "milliseconds": 0.5,
        "score": {"metric": "bits a character", "before": 1.5, "after": 1.51},
    }
    head, _, line = cards.exports_table(word_model(), [row]).splitlines()
    assert head.endswith("| bits a character | for 64 tokens |")
    assert "| 1.5000 → 1.5100 |" in line


def test_what_names_are_new_is_told(tables):
    found = {"made": 1000, "categories": 22, "novel": 0.5, "distinct": 0.25}
    head, _, line = tables.generated_table(found, "name").splitlines()
    assert head.startswith("| names made |")
    assert line == "| 1,000 | 50.0% | 25.0% |"


def test_a_tokens_time_stands_by_how_many_there_were_before(tables):
    places = {"10": 0.5, "5000": 0.25}
    row = {
        "model": "char_lm_gru",
        "parameters": 1234,
        "milliseconds": {"keras": places, "litert": places},
    }
    head, _, keras, tflite = tables.generation_table([row]).splitlines()
    assert head == "| model | parameters | by | token 10 | token 5,000 |"
    assert keras == "| `char_lm_gru` | 1,234 | Keras | 0.500 ms | 0.250 ms |"
    assert "| TFLite |" in tflite
    assert "Not measured" in tables.generation_table([])


def test_the_card_of_a_model_that_was_not_trained_says_so_in_each_of_its_places(cards):
    text = "<!-- metrics:begin (x) -->\n<!-- metrics:end -->"
    found = cards.unmeasured_sections(text, "music_lstm")
    assert list(found) == ["metrics"]
    assert "`make recipe MODEL=music_lstm` has not been run" in found["metrics"]
