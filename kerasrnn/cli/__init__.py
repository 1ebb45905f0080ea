"""The `kerasrnn` command. Joins the other packages and holds no logic of its own."""

from kerasrnn.cli._app import app, main

__all__ = ["app", "main"]
