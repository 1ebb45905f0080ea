"""setup.cfg lists every package by hand; these tests say when one is forgotten."""

import configparser
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA_FOLDERS = {"kerasrnn._recipes": ROOT / "zoo", "kerasrnn._saved_models": ROOT / "saved_models"}


def setup_cfg():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config


def listed_packages():
    return set(setup_cfg()["options"]["packages"].split())


def test_every_code_package_is_listed():
    folders = {p.parent for p in (ROOT / "kerasrnn").rglob("*.py")}
    names = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert names <= listed_packages()


def test_every_model_folder_is_listed():
    models = {
        f"{package}.{folder.name}"
        for package, root in DATA_FOLDERS.items()
        for folder in root.iterdir()
        if folder.is_dir()
    }
    assert models <= listed_packages()


def test_every_data_file_is_packed():
    patterns = setup_cfg()["options.package_data"]
    for package, root in DATA_FOLDERS.items():
        for folder in (f for f in root.iterdir() if f.is_dir()):
            packed = patterns[f"{package}.{folder.name}"].replace(",", " ").split()
            # requirements.txt pins what remakes an artefact; a wheel does not remake it
            for path in folder.iterdir():
                kept = any(path.match(pattern) for pattern in packed)
                assert kept or path.name == "requirements.txt", f"{path} is not in the wheel"
