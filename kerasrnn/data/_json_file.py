"""What is kept as the vocabulary.json of a trained model."""

import json
from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn.data._conll import DataError


class JsonFile:
    """Gives a class with `to_json` and `from_json` its `save` and `load`."""

    def save(self, path):
        """Writes a JSON file."""
        with atomic_file(path) as temporary:
            temporary.write_text(self.to_json() + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path):
        """Reads the JSON file, or the `vocabulary.json` of a folder like those in saved_models.

        Raises:
            DataError: there is no such file, or it was written by another class.
        """
        path = Path(path)
        file = path / "vocabulary.json" if path.is_dir() else path
        try:
            return cls.from_json(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise DataError(
                f"{file}: no such file; a trained model has its vocabulary there."
            ) from None
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise DataError(f"{file}: not a vocabulary of {cls.__name__} ({error!r}).") from error
