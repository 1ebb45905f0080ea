import json
import os
import sys

from kerasrnn.cli._console import console, friendly_errors, note
from kerasrnn.cli._options import as_options


def run(model, tflite, texts, category, unknown, tokens, as_json):
    """Prints how probable a model of the next token finds texts."""
    with friendly_errors(), as_options({"category": "--category"}):
        from kerasrnn.cli._language_model import load

        language_model = load(model, note, tflite)
        if not language_model.task.writes_files:
            for text in texts or ():
                _require_no_file(text, model)
        for text in texts or (line.rstrip("\n") for line in sys.stdin):
            if language_model.task.writes_files:
                _require_named(text, model)
            content = language_model.task.prompt_of(text, language_model.vocabulary)
            found = language_model.score(content, unknown=unknown, category=category)
            if as_json:
                content = json.dumps({"text": text, **found}, ensure_ascii=False)
                console.print(content, markup=False, soft_wrap=True)
                continue
            console.print(_line(text, found), markup=False, soft_wrap=True)
            for symbol, log_prob in found["tokens"] if tokens else ():
                console.print(f"  {log_prob:8.3f}  {symbol}", markup=False, soft_wrap=True)


def _require_no_file(text, model):
    """Raises ValueError where a text is the path of a file, which would be scored as a text."""
    # A word alone may be a text, though a file is called so.
    if os.path.isfile(text) and ("." in text or os.sep in text):
        raise ValueError(
            f"{text} is a file, and texts are scored. `kerasrnn score {model} < {text}` scores "
            f"each of its lines, `kerasrnn evaluate {model} --test {text}` the whole."
        )


def _require_named(text, model):
    """Raises ValueError where no file is named, of a model that reads files."""
    if not text.strip():
        raise ValueError(
            f"No file is named, and {model} scores files: name a MIDI or MusicXML file, and leave "
            "out empty lines."
        )


def _line(text, found):
    figures = f"ln P {found['log_prob']:.3f}"
    if found["perplexity"] is not None:
        figures += f"  perplexity {found['perplexity']:.2f}"
    if found["bits"] is not None:
        figures += f"  {found['bits']:.3f} bits a {found['unit']}"
    return f"{figures}  {text}"
