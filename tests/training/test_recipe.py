import dataclasses

import pytest

from kerasrnn._shipped import recipe_file
from kerasrnn.training import Recipe, RecipeError, load_recipe, with_data
from kerasrnn.training._other_data import fit_to_size
from kerasrnn.training._recipe_entries import OPTIONAL
from kerasrnn.zoo import list_models

NAMES = ", ".join(list_models())
RECIPE = Recipe(
    model="ner_bilstm",
    task="tagging",
    seed=1,
    data={"source": "offline", "train": 50},
    vocabulary={"max_words": 10},
    arguments={"cell": "lstm", "units": 8, "dropout": 0.4},
    training={
        "epochs": 3,
        "batch_size": 4,
        "learning_rate": 0.1,
        "global_clipnorm": 1.0,
        "patience": 2,
        "fast": True,
    },
    export={"sequence_length": 24},
)


def test_every_model_of_the_zoo_has_a_recipe_of_its_own():
    for name in list_models():
        assert load_recipe(name).model == name


def test_a_recipe_is_read_from_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    lines = ['model = "ner_bilstm"', 'task = "tagging"', "seed = 1"]
    for section in ("data", "vocabulary", "arguments", "training", "export"):
        lines.append(f"[{section}]")
        for key, value in getattr(RECIPE, section).items():
            lines.append(f"{key} = {value!r}".replace("True", "true"))
    path.write_text("\n".join(lines))
    assert load_recipe(path) == load_recipe(str(path)) == RECIPE


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("seed", 7, 7),
        ("seed", "7", 7),
        ("training.epochs", 9, 9),
        ("training.epochs", " 9 ", 9),
        ("arguments.dropout", 0.1, 0.1),
        ("arguments.dropout", "0.1", 0.1),
        ("arguments.dropout", 1, 1.0),  # a whole number where a fraction may stand
        ("arguments.dropout", "1", 1.0),
        ("arguments.dropout", "1e-1", 0.1),
        ("arguments.cell", "full_gru", "full_gru"),
        ("arguments.cell", "5", "5"),  # a string stays one
        ("arguments.cell", "", ""),
        ("training.fast", False, False),
        ("training.fast", "false", False),
    ],
)
def test_an_entry_is_changed_to_a_value_of_its_kind(key, value, stored):
    changed = RECIPE.override(key, value)
    section, _, entry = key.partition(".")
    found = getattr(changed, section)[entry] if entry else getattr(changed, section)
    assert found == stored
    assert type(found) is type(stored)
    assert dataclasses.replace(changed, **{section: getattr(RECIPE, section)}) == RECIPE


def test_an_override_leaves_the_recipe_itself_as_it_was():
    before = dataclasses.asdict(RECIPE)
    RECIPE.override("training.epochs", 99)
    assert dataclasses.asdict(RECIPE) == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("training.epochs", "many"),
        ("training.epochs", 2.5),
        ("training.epochs", "2.5"),
        ("training.epochs", True),
        ("training.epochs", ""),
        ("training.epochs", "[1]"),
        ("training.epochs", "1\nseed = 3"),
        ("arguments.dropout", "half"),
        ("arguments.cell", 5),
        ("training.fast", 1),
        ("training.fast", "yes"),
        ("seed", None),
    ],
)
def test_a_value_of_another_kind_is_refused_with_key_and_value(key, value):
    with pytest.raises(RecipeError) as caught:
        RECIPE.override(key, value)
    assert str(caught.value).startswith(f"{key} must be of the kind of ")
    assert str(value) in str(caught.value).split("received")[1].encode().decode("unicode_escape")


@pytest.mark.parametrize(
    "key", ["epochs", "training", "training.", "training.epoch", "model", "", ".", "a.b.c"]
)
def test_an_unknown_entry_is_refused_and_the_known_ones_listed(key):
    with pytest.raises(RecipeError) as caught:
        RECIPE.override(key, 1)
    assert str(caught.value).startswith(
        f"A recipe has no {key!r}; it has: seed, task, data.source, "
    )
    assert "training.epochs" in str(caught.value)


def test_keys_are_all_entries_that_override_takes():
    keys = RECIPE.keys()
    assert {"seed", "data.source", "training.fast", "export.sequence_length"} <= set(keys)
    for key in keys:
        section, _, entry = key.partition(".")
        own = getattr(RECIPE, section)
        if entry in OPTIONAL.get(section, {}):
            value = OPTIONAL[section][entry]
            assert getattr(RECIPE.override(key, value), section)[entry] == value
        else:
            assert RECIPE.override(key, own[entry] if entry else own) == RECIPE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("seed = 1\nx = =", r"bad\.toml: not TOML: .*line 2"),
        ("seed = 1\nseed = 2", r"bad\.toml: not TOML: Cannot overwrite a value"),
        ("", r"bad\.toml: not a recipe: .*'model'"),
        ('colour = "red"', r"bad\.toml: not a recipe: .*'colour'"),
        (b"seed = '\xff'", r"bad\.toml: not TOML"),
    ],
)
def test_a_bad_file_is_refused_with_its_path_and_reason(tmp_path, content, reason):
    path = tmp_path / "bad.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(RecipeError, match=reason):
        load_recipe(path)


@pytest.mark.parametrize(
    ("entry", "value", "reason"),
    [
        ("training", 3, "'training' must be a section; received 3"),
        ("seed", "1", "'seed' must be of type int; received '1'"),
        ("seed", True, "'seed' must be of type int; received True"),
        ("model", 1, "'model' must be of type str; received 1"),
        ("data", {"train": 5}, r"\[data\] needs source"),
        ("training", {"epochs": 1, "patience": 2}, "needs batch_size, learning_rate"),
        ("export", {}, r"\[export\] needs sequence_length"),
    ],
)
def test_a_recipe_of_other_types_or_without_what_training_needs_is_refused(entry, value, reason):
    with pytest.raises(RecipeError, match=reason):
        dataclasses.replace(RECIPE, **{entry: value})


@pytest.mark.parametrize(
    "key",
    [
        "training.epochs",
        "training.batch_size",
        "vocabulary.max_words",
    ],
)
@pytest.mark.parametrize("value", [0, -2])
def test_a_size_that_is_not_above_zero_is_refused_by_name(key, value):
    with pytest.raises(RecipeError, match=f"^{key} must be above 0; received {value}"):
        RECIPE.override(key, value)


def test_patience_may_be_zero_but_not_less():
    assert RECIPE.override("training.patience", 0).training["patience"] == 0
    with pytest.raises(RecipeError, match="^training.patience must be 0 or more; received -1"):
        RECIPE.override("training.patience", -1)


# Gradient clipping

WAYS = ("clipvalue", "clipnorm", "global_clipnorm")


@pytest.mark.parametrize("name", list_models())
def test_each_shipped_recipe_has_every_way_to_clip_of_which_one_is_on(name):
    training = load_recipe(name).training
    assert [way for way in WAYS if training[way] > 0] == ["global_clipnorm"]
    assert training["clipvalue"] == training["clipnorm"] == 0.0


@pytest.mark.parametrize("way", WAYS)
def test_a_way_to_clip_may_be_off_but_not_below(way):
    training = {**RECIPE.training, "global_clipnorm": 0, way: 0.0}
    assert dataclasses.replace(RECIPE, training=training).training[way] == 0
    with pytest.raises(RecipeError, match=rf"^training\.{way} must be 0 or more; received -1"):
        dataclasses.replace(RECIPE, training={**training, way: -1})


def test_only_one_way_to_clip_may_be_on():
    recipe = load_recipe("ner_bilstm")
    with pytest.raises(RecipeError, match=r"clipvalue = 0\.5, global_clipnorm = 5\.0\. Set"):
        recipe.override("training.clipvalue", 0.5)
    changed = recipe.override("training.global_clipnorm", "0").override("training.clipvalue", 0.5)
    assert [changed.training[way] for way in WAYS] == [0.5, 0.0, 0.0]


def test_an_older_recipes_clip_norm_is_read_as_global_clipnorm(tmp_path):
    older, path = recipe_file("ner_bilstm").read_text(), tmp_path / "older.toml"
    lines = [line for line in older.splitlines() if not line.startswith(("clipvalue", "clipnorm"))]
    path.write_text("\n".join(lines).replace("global_clipnorm = 5.0", "clip_norm = 2.5"))
    training = load_recipe(path).training
    assert training["global_clipnorm"] == 2.5
    assert "clip_norm" not in training
    path.write_text(path.read_text() + "\n[other_data.training]\nclip_norm = 1.0\n")
    assert load_recipe(path).other_data == {"training": {"global_clipnorm": 1.0}}
    path.write_text(older.replace("clipvalue = 0.0", "clip_norm = 2.5"))
    with pytest.raises(RecipeError, match=r"older\.toml.*clip_norm is now called.*give that alone"):
        load_recipe(path)


@pytest.mark.parametrize("recipe", [RECIPE, load_recipe("dna_bigru")], ids=["mine", "shipped"])
def test_setting_clip_norm_is_refused_with_its_name_now(recipe):
    with pytest.raises(RecipeError, match=r"^training\.clip_norm .* training\.global_clipnorm"):
        recipe.override("training.clip_norm", 1.0)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_offline_data_without_sentences_for_a_split_is_refused(split):
    data = {"source": "offline", "train": 9, "validation": 9, "test": 9}
    with pytest.raises(RecipeError, match=rf"^data\.{split} must be above 0; received 0"):
        dataclasses.replace(RECIPE, data={**data, split: 0})


@pytest.mark.parametrize(
    ("section", "entry", "value", "kind"),
    [
        ("export", "sequence_length", 64.0, "a whole number"),
        ("export", "sequence_length", True, "a whole number"),
        ("training", "epochs", 2.5, "a whole number"),
        ("training", "batch_size", "32", "a whole number"),
        ("training", "patience", 2.0, "a whole number"),
        ("training", "learning_rate", "0.1", "a number"),
        ("training", "learning_rate", False, "a number"),
        ("training", "learning_rate", float("nan"), "a number"),
        ("training", "weight_decay", -0.1, "0 or more"),
        ("training", "global_clipnorm", float("inf"), "a number"),
        ("training", "clipvalue", "1", "a number"),
        ("vocabulary", "letters", 16.0, "a whole number"),
        ("vocabulary", "min_count", [2], "a whole number"),
        ("data", "train", 50.0, "a whole number"),
        ("data", "source", 3, "of type str"),
    ],
)
def test_an_entry_of_another_type_is_refused_by_name(section, entry, value, kind):
    changed = {**getattr(RECIPE, section), entry: value}
    with pytest.raises(RecipeError) as caught:
        dataclasses.replace(RECIPE, **{section: changed})
    assert str(caught.value) == f"{section}.{entry} must be {kind}; received {value!r}."


def test_a_whole_number_may_stand_where_any_number_may():
    training = {**RECIPE.training, "learning_rate": 1, "global_clipnorm": 5}
    assert dataclasses.replace(RECIPE, training=training).training == training


@pytest.mark.parametrize("other", [{"data": {}}, {"training": 3}, {"nothing": {}}])
def test_other_datas_settings_are_sections_that_data_may_change(other):
    with pytest.raises(RecipeError, match=r"^\[other_data\] holds sections of vocabulary"):
        dataclasses.replace(RECIPE, other_data=other)


def test_a_file_that_lacks_an_entry_is_refused_with_its_path(tmp_path):
    path = tmp_path / "bad.toml"
    text = recipe_file("ner_bilstm").read_text()
    path.write_text("".join(line for line in text.splitlines(True) if "epochs =" not in line))
    with pytest.raises(RecipeError, match=r"bad\.toml: not a recipe: \[training\] needs epochs"):
        load_recipe(path)


def test_a_missing_recipe_is_refused_with_its_path():
    with pytest.raises(RecipeError, match=r"There is no recipe nowhere/mine\.toml"):
        load_recipe("nowhere/mine.toml")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bert", f"No model is called 'bert'; there are: {NAMES}."),
        (
            "ner_bilstn",
            f"No model is called 'ner_bilstn'; there are: {NAMES}. Did you mean 'ner_bilstm'?",
        ),
        (
            "docs/mine.json",
            "docs/mine.json is not a TOML recipe: a recipe of your own is a file that ends in "
            ".toml.",
        ),
    ],
)
def test_an_unknown_model_is_refused_with_those_there_are(name, message):
    with pytest.raises(RecipeError) as caught:
        load_recipe(name)
    assert str(caught.value) == message


FILES = {"train": "a.conll", "test": "b.conll"}


def test_data_may_come_from_files_in_place_of_the_recipes():
    changed = with_data(RECIPE, files=FILES)
    assert changed.data == {"source": "files", **FILES}


def test_a_recipe_of_ones_own_stays_as_it_is_with_other_data(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(recipe_file("ner_bilstm").read_text())
    for recipe in (RECIPE, load_recipe(path)):
        for changed in (with_data(recipe, files=FILES), with_data(recipe, "tfds:conll2003")):
            assert dataclasses.replace(changed, data=recipe.data) == recipe


def test_a_shipped_recipe_brings_settings_for_other_data():
    shipped = load_recipe("ner_bilstm")
    for changed in (with_data(shipped, files=FILES), with_data(shipped, "tfds:conll2003")):
        assert changed.vocabulary == {**shipped.vocabulary, "min_count": 2}
        small = {"batch_size": 32, "epochs": 30, "patience": 6}
        assert fit_to_size(changed, 100_000).training == {**shipped.training, **small}
        assert changed.arguments == shipped.arguments
        assert changed.other_data == {}  # they count once


def test_what_was_overridden_stays_with_other_data():
    shipped = load_recipe("ner_bilstm").override("training.epochs", 3)
    changed = with_data(shipped.override("vocabulary.min_count", 1), files=FILES)
    assert changed.training["epochs"] == 3
    assert changed.training["batch_size"] == 32
    assert changed.vocabulary["min_count"] == 1


@pytest.mark.parametrize(
    ("sentences", "batch_size", "epochs", "patience"),
    [
        (3, 4, 600, 300),
        (48, 4, 50, 25),
        (250, 5, 30, 6),
        (1000, 20, 30, 6),
        (1600, 32, 30, 6),
        (14_000, 32, 30, 6),
    ],
)
def test_small_data_get_small_batches_and_enough_steps(sentences, batch_size, epochs, patience):
    recipe = with_data(load_recipe("ner_bilstm"), files=FILES)
    fitted = fit_to_size(recipe, sentences)
    sizes = {"batch_size": batch_size, "epochs": epochs, "patience": patience}
    assert {key: fitted.training[key] for key in sizes} == sizes
    assert fitted.training.keys() == load_recipe("ner_bilstm").training.keys()
    assert fit_to_size(fitted, 3) == fitted  # they count once


@pytest.mark.parametrize("entry", ["batch_size", "epochs", "patience"])
def test_what_was_overridden_stays_with_small_data(entry):
    for data_first in (True, False):
        recipe = load_recipe("ner_bilstm")
        if data_first:
            recipe = with_data(recipe, files=FILES).override(f"training.{entry}", 17)
        else:
            recipe = with_data(recipe.override(f"training.{entry}", 17), files=FILES)
        assert fit_to_size(recipe, 10).training[entry] == 17


def test_a_recipe_that_says_nothing_of_size_stays_as_it_is():
    assert fit_to_size(RECIPE, 3) == RECIPE


def test_a_file_may_bring_settings_for_other_data_too(tmp_path):
    path = tmp_path / "mine.toml"
    text = recipe_file("ner_bilstm").read_text()
    path.write_text(f"{text}\n[other_data.training]\nepochs = 11\n")
    assert with_data(load_recipe(path), files=FILES).training["epochs"] == 11


def test_another_source_takes_nothing_of_the_old_ones_arguments():
    assert with_data(RECIPE, "tfds:conll2003").data == {"source": "tfds:conll2003"}


def test_the_recipes_own_source_keeps_its_arguments():
    assert (
        with_data(RECIPE, "offline") == with_data(RECIPE) == with_data(RECIPE, files={}) == RECIPE
    )


def test_files_and_a_source_together_are_refused():
    with pytest.raises(RecipeError, match="not both; received 'offline'"):
        with_data(RECIPE, "offline", {"train": "a"})


def test_files_without_one_to_train_on_are_refused():
    with pytest.raises(RecipeError, match="train on are missing; received only test"):
        with_data(RECIPE, files={"test": "a"})


def test_a_length_of_zero_is_that_of_the_longest_example_and_less_is_refused():
    assert RECIPE.override("export.sequence_length", 0).export == {"sequence_length": 0}
    with pytest.raises(RecipeError, match="sequence_length must be 0 or more; received -2"):
        RECIPE.override("export.sequence_length", -2)


def test_a_classifiers_recipe_for_other_data_has_the_length_of_those():
    other = with_data(load_recipe("sentiment_gru"), files={"train": "my.csv"})
    assert other.export["sequence_length"] == 0
    assert with_data(load_recipe("ner_bilstm"), files={"train": "x"}).export["sequence_length"] > 0


def test_an_unknown_task_is_refused_and_the_known_ones_listed():
    with pytest.raises(RecipeError, match="'task' must be one of tagging, .*; received 'dreaming'"):
        RECIPE.override("task", "dreaming")


@pytest.mark.parametrize(("examples", "momentum"), [(20, 1 - 20 / 600), (100_000, 0.999)])
def test_a_moving_average_is_of_a_part_of_a_short_training(examples, momentum):
    recipe = with_data(load_recipe("char_lm_gru"), files={"train": "x"})
    assert recipe.training["average_weights"] == 0.999
    fitted = fit_to_size(recipe, examples)
    assert fitted.training["average_weights"] == pytest.approx(momentum)
    chosen = fit_to_size(recipe.override("training.average_weights", 0.9999), examples)
    assert chosen.training["average_weights"] == 0.9999
    assert "least_averages" not in fitted.training.keys() | chosen.training.keys()


@pytest.mark.parametrize("entry", ["average_weights", "recombine"])
@pytest.mark.parametrize("value", [-0.1, 1, "0.5"])
def test_a_share_outside_zero_to_one_is_refused(entry, value):
    recipe = load_recipe("dna_bigru")
    training = {**recipe.training, entry: value}
    with pytest.raises(RecipeError, match=f"training.{entry} must be 0 or more, below 1"):
        dataclasses.replace(recipe, training=training)


def test_a_way_to_store_numbers_that_there_is_not_is_refused():
    with pytest.raises(RecipeError, match="quantize must be one of '', 'float16', .*'int4'"):
        load_recipe("dna_bigru").override("export.quantize", "int4")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("training.weight_decay", 0.1),
        ("training.average_weights", 0.9),
        ("export.quantize", "int8"),
    ],
)
def test_what_every_model_can_have_is_set_where_a_recipe_has_none(key, value):
    section, entry = key.split(".")
    assert entry not in getattr(RECIPE, section)
    changed = RECIPE.override(key, value)
    assert getattr(changed, section) == {**getattr(RECIPE, section), entry: value}
    assert RECIPE.keys().count(key) == 1


def test_other_data_are_exported_as_they_are():
    assert load_recipe("dna_bigru").export["quantize"]
    assert with_data(load_recipe("dna_bigru"), files={"train": "x"}).export["quantize"] == ""


def test_a_way_to_weigh_classes_that_there_is_not_is_refused():
    with pytest.raises(RecipeError, match="class_weight must be none or balanced; received 'all'"):
        load_recipe("dna_bigru").override("training.class_weight", "all")
