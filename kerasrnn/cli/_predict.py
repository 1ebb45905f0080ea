import json
import sys

from rich.text import Text

from kerasrnn.cli._console import colour, console, friendly_errors, note, quiet


def run(model, texts, as_json):
    """Prints the entities of sentences."""
    with friendly_errors():
        from kerasrnn.data import spans
        from kerasrnn.training import Tagger, find_model

        path = find_model(model, report=note)
        with quiet():
            tagger = Tagger(path)
        types = {tag[2:] for tag in tagger.vocabulary.tags if tag != "O"}
        for text in texts or (line.rstrip("\n") for line in sys.stdin):
            sentence = tagger.tag(text)
            found = spans(sentence.tags)
            if as_json:
                console.print(_json(sentence, found), markup=False, soft_wrap=True)
            else:
                console.print(_line(sentence, found, types), soft_wrap=True)


def _json(sentence, found):
    entities = [
        {"type": type, "text": " ".join(sentence.tokens[start:end]), "start": start, "end": end}
        for type, start, end in found
    ]
    content = {"tokens": sentence.tokens, "tags": sentence.tags, "entities": entities}
    return json.dumps(content, ensure_ascii=False)


def _line(sentence, found, types):
    """The sentence with [each entity]TYPE marked, and coloured where the terminal can."""
    line, position = Text(), 0
    for type, start, end in found:
        line.append("".join(f"{token} " for token in sentence.tokens[position:start]))
        entity = " ".join(sentence.tokens[start:end])
        line.append(f"[{entity}]{type}", style=f"bold {colour(type, types)}")
        line.append(" ")
        position = end
    line.append(" ".join(sentence.tokens[position:]))
    line.rstrip()
    return line
