import json
import sys

from kerasrnn.cli._console import console, friendly_errors, note, quiet


def run(model, texts, category, unknown, tokens, as_json):
    """Prints how probable a model of the next token finds texts."""
    with friendly_errors():
        from kerasrnn.cli._language_model import load

        with quiet():
            language_model = load(model, note)
        for text in texts or (line.rstrip("\n") for line in sys.stdin):
            content = language_model.task.prompt_of(text, language_model.vocabulary)
            found = language_model.score(content, unknown=unknown, category=category)
            if as_json:
                content = json.dumps({"text": text, **found}, ensure_ascii=False)
                console.print(content, markup=False, soft_wrap=True)
                continue
            console.print(_line(text, found), markup=False, soft_wrap=True)
            for symbol, log_prob in found["tokens"] if tokens else ():
                console.print(f"  {log_prob:8.3f}  {symbol}", markup=False, soft_wrap=True)


def _line(text, found):
    figures = f"ln P {found['log_prob']:.3f}"
    if found["perplexity"] is not None:
        figures += f"  perplexity {found['perplexity']:.2f}"
    if found["bits"] is not None:
        figures += f"  {found['bits']:.3f} bits a {found['unit']}"
    return f"{figures}  {text}"
