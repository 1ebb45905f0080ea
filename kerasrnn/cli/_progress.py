"""The progress bar of training."""

import contextlib

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from kerasrnn.cli._console import console


@contextlib.contextmanager
def training_bar(score, name, better=max):
    """Yields a Keras callback that draws a bar over all epochs.

    Args:
        score: key of the validation score in an epoch's logs.
        name: what people call it.
        better: `max` or `min`, which of two scores is better.
    """
    import keras

    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # Where no terminal is, a bar would be printed once more when all is over.
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        class Bar(keras.callbacks.Callback):
            def on_train_begin(self, logs=None):
                # Steps are counted in epochs, so that the bar needs no number of batches.
                progress.start()  # again, where another member's training has ended
                total = self.params["epochs"]
                self.task = progress.add_task("", total=total, epoch=f"1/{total}", figures="")
                self.ran, self.best = 0, None

            def on_train_batch_end(self, batch, logs=None):
                steps = self.params.get("steps")
                if steps:
                    progress.advance(self.task, 1 / steps)

            def on_epoch_end(self, epoch, logs=None):
                total = self.params["epochs"]
                self.ran = epoch + 1
                self.best = logs[score] if self.best is None else better(self.best, logs[score])
                figures = (
                    f"loss {logs['loss']:.3f}  validation {name} {logs[score]:.3f} "
                    f"(best {self.best:.3f})"
                )
                shown = f"{min(epoch + 2, total)}/{total}"
                progress.update(self.task, completed=epoch + 1, epoch=shown, figures=figures)
                if not console.is_terminal:  # a log file keeps one line an epoch
                    console.print(f"epoch {epoch + 1}/{total}  {figures}", soft_wrap=True)

            def on_train_end(self, logs=None):
                # Training may end early, and what comes next is told below the bar.
                progress.update(self.task, epoch=f"{self.ran}/{self.params['epochs']}")
                progress.stop()

        yield Bar()
