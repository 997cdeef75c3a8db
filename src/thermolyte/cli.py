"""The command line: verbs only. Everything after `--` goes to PETSc."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from thermolyte import __version__
from thermolyte.errors import InputError, SolveError

EPILOG = """\
examples:
  thermolyte check cases/single_leg                          what would be solved
  thermolyte run cases/single_leg --set boundaries.hot.temperature=573K
  thermolyte verify cases/single_leg                         against published numbers
  mpirun -n 4 thermolyte run cases/two_pair_module -- -snes_monitor

Results go to results/NAME. A run that was stopped, or in which points failed, continues
with the same command. What follows `--` goes to PETSc.

exit codes: 0 done; 1 no solution, a number that differs, or a full disk; 2 wrong input
"""


# The last error: its traceback holds PETSc objects, which the ranks must not free at different times, but at exit.
_kept: list[Exception] = []


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    try:
        arguments, petsc = _split(list(sys.argv[1:] if argv is None else argv))
        options = _parser().parse_args(arguments)
        options.petsc = _petsc_options(petsc)
        code = int(options.action(options))
        sys.stdout.flush()
        return code
    except (InputError, SolveError) as error:
        _kept[:] = [error]
        return _give_up(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _give_up("interrupted; finished points are kept, the same command continues", 130)
    except BrokenPipeError:  # the reader of our output has gone, as in `thermolyte check CASE | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except MemoryError:
        return _give_up("out of memory: use a coarser mesh (mesh.size), or more ranks", 1)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are told like all others: once, not by every rank."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise InputError(f"{message}\n{self.format_usage().strip()}")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="thermolyte",
        description="Finite elements for thermoelectric modules and solid-state battery stacks.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"thermolyte {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True, title="verbs")

    def verb(name: str, action: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=help, description=help)
        sub.set_defaults(action=action)
        return sub

    def case_verb(name: str, action: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        sub = verb(name, action, help)
        sub.add_argument("case", type=Path, metavar="CASE", help="case file, or the folder that holds case.yaml")
        sub.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="PATH=VALUE",
            help="change one value of the case; repeatable",
        )
        return sub

    def output(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("-o", "--output", type=Path, metavar="DIR", help="default: results/NAME in the current folder")

    run = case_verb("run", _run, "solve a case; a run that was stopped continues")
    output(run)
    run.add_argument("--fresh", action="store_true", help="solve every point anew")
    run.add_argument("-v", "--verbose", action="store_true", help="say what every solve did")
    case_verb("check", _check, "say what is wrong with a case, or what would be solved")
    output(case_verb("mesh", _mesh, "write the mesh of a case and draw it"))
    judged = case_verb("verify", _verify, "run a case and compare with its expected.json")
    output(judged)
    judged.add_argument("--fresh", action="store_true", help="solve every point anew")
    verb("schema", _schema, "print the JSON schema of case files, for editors")
    materials = verb("materials", _materials, "list, show or plot material cards")
    materials.add_argument("what", choices=["list", "show", "plot"])
    materials.add_argument(
        "names", nargs="*", metavar="NAME", help="card of the library, or path of a card or CSV file"
    )
    materials.add_argument("-o", "--output", type=Path, metavar="FILE", help="picture to write (plot)")
    return parser


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what follows `--` and is PETSc's."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:cut], arguments[cut + 1 :]


def _petsc_options(words: Sequence[str]) -> dict[str, Any]:
    """{"snes_rtol": "1e-8", "snes_monitor": None} from PETSc's command line."""
    found: dict[str, Any] = {}
    name = None
    for word in words:
        if word.startswith("-") and not word[1:2].isdigit():
            name = word.lstrip("-")
            found[name] = None
        elif name is not None:
            found[name], name = word, None
        else:
            raise InputError(f"`{word}` after -- is not a PETSc option: they start with a dash, as -snes_monitor")
    if "" in found:
        raise InputError("a dash alone after -- is not a PETSc option: write its name, as -snes_monitor")
    return found


def _values(options: argparse.Namespace) -> dict[str, object]:
    """{"a.b": "573K"} from --set a.b=573K; values are read as YAML."""
    from thermolyte.case_file import read_yaml

    values: dict[str, object] = {}
    for text in options.set:
        path, sign, value = text.partition("=")
        if not sign or not path:
            raise InputError(f"--set {text}: write --set PATH=VALUE, such as boundaries.hot.temperature=573K")
        values[path.strip()] = read_yaml(value, f"--set {path}", numbered=False)
    return values


# ---- verbs -----------------------------------------------------------------------------------------------------------
def _run(options: argparse.Namespace) -> int:
    from thermolyte.run import run_case

    return run_case(
        options.case,
        _values(options),
        options.output,
        fresh=options.fresh,
        verbose=options.verbose,
        petsc=options.petsc,
    )


def _verify(options: argparse.Namespace) -> int:
    from thermolyte.run import verify_case

    return verify_case(options.case, _values(options), options.output, fresh=options.fresh, petsc=options.petsc)


def _check(options: argparse.Namespace) -> int:
    from thermolyte.case import Case
    from thermolyte.check import check_all
    from thermolyte.ranges import Compositions, Ranges
    from thermolyte.results.outline import describe
    from thermolyte.studies.run import points

    case = Case.load(options.case, _values(options))
    ranges, compositions = Ranges(), Compositions()
    cards = check_all([point for _, point in points(case)], ranges, compositions)
    warnings = [*cards, *ranges.lines(), *compositions.lines()]
    if _rank() == 0:
        print("\n".join([describe(case), *(f"warning: {warning}" for warning in warnings)]))
    return 0


def _mesh(options: argparse.Namespace) -> int:
    from thermolyte.run import mesh_case

    return mesh_case(options.case, _values(options), options.output)


def _schema(_: argparse.Namespace) -> int:
    from thermolyte.schema import json_schema

    print(json_schema(), end="")
    return 0


def _materials(options: argparse.Namespace) -> int:
    from rich.console import Console

    from thermolyte.materials import Card, library
    from thermolyte.materials.listing import list_cards, show_card

    if options.what == "list":
        Console().print(list_cards())
        return 0
    if not options.names:
        raise InputError(f"materials {options.what}: name a card; known: {', '.join(library())}")
    cards = [Card.load(name) for name in options.names]
    if options.what == "show":
        for card in cards:
            Console().print(show_card(card))
        return 0
    from thermolyte.materials.plot import plot_cards

    print(plot_cards(cards, options.output or Path("-".join(Path(n).stem for n in options.names) + ".png")))
    return 0


def _give_up(message: str, code: int) -> int:
    """One message on standard error, from rank 0 only; all ranks end with the same code."""
    if _rank() == 0:
        sys.stdout.flush()
        print(message, file=sys.stderr)
    logging.shutdown()
    return code


def _rank() -> int:
    from mpi4py import MPI

    return int(MPI.COMM_WORLD.rank)
