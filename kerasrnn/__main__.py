"""`python -m kerasrnn`: the command where its script is not on the path."""

if __name__ == "__main__":
    from kerasrnn.cli import main

    main()
