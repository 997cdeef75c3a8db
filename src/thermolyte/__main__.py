"""`python -m thermolyte`: the same as the installed program."""

from thermolyte.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
