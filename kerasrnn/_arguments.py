"""An error of an argument, which knows the argument's name: a command says its option in place."""


class ArgumentError(ValueError):
    """A value that an argument does not take.

    Args:
        argument: the argument's name.
        rule: what is said of it, such as `must be above 0; received -1.`
        python: what only a caller from Python can do about it.
    """

    def __init__(self, argument, rule, python=""):
        super().__init__(f"`{argument}` {rule} {python}".rstrip())
        self.argument, self.rule = argument, rule
