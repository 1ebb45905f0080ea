"""The wheel, installed in an empty environment away from the clone. Run by `make test-wheel`."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.wheel


def run(*command, cwd):
    # Nothing of this environment may help: no path of the clone, no user site.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty_environment")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return python


def test_wheel_holds_the_package_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"kerasrnn"}
    assert "kerasrnn/py.typed" in names
    assert "kerasrnn/_saved_models/ner_bilstm/model.weights.h5" in names
    assert "kerasrnn/_recipes/ner_bilstm/recipe.toml" in names


def test_ten_lines_of_the_readme_run(python, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first_block = re.search(r"```python\n(.*?)```", readme, re.S)[1]
    tagged = run(python, "-c", first_block, cwd=tmp_path)
    assert "tokens=('Ada', 'Lovelace', 'lived', 'in', 'London', '.')" in tagged
    assert "'B-PER'" in tagged


def test_shipped_weights_load_and_tag(python, tmp_path):
    code = (
        "import kerasrnn, pathlib\n"
        "from kerasrnn.training import Tagger\n"
        "from kerasrnn.zoo import ner_bilstm, shipped_folder\n"
        f"assert not pathlib.Path(kerasrnn.__file__).is_relative_to({str(ROOT)!r})\n"
        "ner_bilstm(weights='default')\n"
        "text = 'Harry Potter and Hermione Granger invented a new spell'\n"
        "print(Tagger(shipped_folder('ner_bilstm')).tag(text).tags)\n"
    )
    assert "('B-PER', 'I-PER', 'O', 'B-PER', 'I-PER'" in run(python, "-c", code, cwd=tmp_path)


def test_command_tags_and_knows_its_recipe(python, tmp_path):
    kerasrnn = Path(python).parent / "kerasrnn"
    sentence = "Harry Potter and Hermione Granger invented a new spell"
    assert "[Harry Potter]PER" in run(kerasrnn, "predict", "ner_bilstm", sentence, cwd=tmp_path)
    small = ["--set", "data.train=100", "--set", "data.validation=20", "--set", "data.test=20"]
    run(kerasrnn, "train", "ner_bilstm", "--epochs", "1", *small, "-o", "tagger", cwd=tmp_path)
    assert (tmp_path / "tagger" / "ner_bilstm.tflite").exists()
