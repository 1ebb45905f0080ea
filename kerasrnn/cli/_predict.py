import json
import sys

from rich.text import Text

from kerasrnn.cli._console import colour, console, friendly_errors, note, quiet


def run(model, texts, as_json):
    """Prints what a trained model says of texts, letters or files."""
    with friendly_errors():
        from kerasrnn.training import LanguageModel, Tagger, find_model, load_predictor

        path = find_model(model, report=note)
        with quiet():
            predictor = load_predictor(path)
        if isinstance(predictor, LanguageModel):
            raise ValueError(
                f"{model} tells what comes next: use `kerasrnn generate {model}` or "
                f"`kerasrnn score {model} TEXT`."
            )
        answers = _tagged if isinstance(predictor, Tagger) else _classified
        for text in texts or (line.rstrip("\n") for line in sys.stdin):
            for content, line in answers(predictor, text):
                if as_json:
                    line = json.dumps(content, ensure_ascii=False)
                console.print(line, markup=False, soft_wrap=True)


def _classified(classifier, argument):
    """The probabilities of each content that an argument names, as JSON and as a line."""
    for shown, content in classifier.inputs_of(argument):
        found = classifier.classify(content)
        label = next(iter(found))
        line = " ".join(shown.splitlines())  # one line a content, whatever breaks are in it
        yield (
            {"input": shown, "label": label, "probabilities": found},
            Text.assemble(
                (label, f"bold {colour(label, found)}"), f" {found[label]:.3f}  {line}".rstrip()
            ),
        )


def _tagged(tagger, text):
    """A sentence's tags and entities, as JSON and with each entity marked."""
    from kerasrnn.data import spans

    sentence = tagger.tag(text)
    found = spans(sentence.tags)
    entities = [
        {"type": type, "text": " ".join(sentence.tokens[start:end]), "start": start, "end": end}
        for type, start, end in found
    ]
    types = {tag[2:] for tag in tagger.vocabulary.tags if tag != "O"}
    content = {"tokens": sentence.tokens, "tags": sentence.tags, "entities": entities}
    yield content, _marked(sentence, found, types)


def _marked(sentence, found, types):
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
