"""The command line: verbs only. Everything after `--` goes to PETSc."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from thermolyte import __version__, materials_cli
from thermolyte.errors import InputError, SolveError

EPILOG = """\
examples:
  thermolyte check cases/single_leg                          what would be solved
  thermolyte run cases/single_leg --set boundaries.hot.temperature=573K
  thermolyte verify cases/single_leg                         against published numbers
  thermolyte calibrate cases/contact_calibration             parameters fitted to data
  mpirun -n 4 thermolyte run cases/two_pair_module -- -snes_monitor
  thermolyte batch cases/two_pair_module --array 7           a Slurm script

Results go to results/NAME. A run that was stopped, or in which points failed, continues
with the same command. What follows `--` goes to PETSc.

exit codes: 0 done; 1 no solution, a number that differs, or a full disk; 2 wrong input, or a
run that cannot be here; 130, 143 stopped by Ctrl-C, by SIGTERM
"""


BATCH_EPILOG = """\
Writes NAME.sbatch into the current folder and prints its path, the estimate and the one command
that submits it. The job runs this very program, on the ranks of its own mpirun, in the current
folder; its log is NAME-JOB.out. The script may be edited; options of sbatch win over it.

examples:
  thermolyte batch cases/two_pair_module                     one job: sbatch two_pair_module.sbatch
  thermolyte batch cases/two_pair_module --array 7           7 jobs and one that gathers their
                                                             points: bash two_pair_module.sbatch
  thermolyte batch cases/two_pair_module --ranks 8 --memory 16GB --time 2h --partition compute
  thermolyte batch cases/two_pair_module --container thermolyte.sif

A job that meets its time limit, or that is cancelled, loses nothing that was finished: submit the
script again, and it continues. What follows `--` goes to PETSc, in the job.
"""

# The last error: its traceback holds PETSc objects, which the ranks must not free at different times, but at exit.
_kept: list[Exception] = []


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    try:
        arguments, petsc = _split(list(sys.argv[1:] if argv is None else argv))
        options = _parser().parse_args(arguments)
        options.petsc, options.petsc_words = _petsc_options(petsc), petsc
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
    except (TimeoutError, RuntimeError) as error:
        from thermolyte import compilation

        _kept[:] = [error]
        if message := compilation.why_not(error):
            return _give_up(message, 1)
        raise
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
    run.add_argument("--share", metavar="K/N", help="solve only the K-th of N shares of the points of a sweep")
    run.add_argument("-v", "--verbose", action="store_true", help="say what every solve did")
    case_verb("check", _check, "say what is wrong with a case, or what would be solved")
    output(case_verb("mesh", _mesh, "write the mesh of a case and draw it"))
    judged = case_verb("verify", _verify, "run a case and compare with its expected.json")
    output(judged)
    judged.add_argument("--fresh", action="store_true", help="solve every point anew")
    fitted = case_verb("calibrate", _calibrate, "fit parameters of a case to the data that it names")
    output(fitted)
    fitted.add_argument("--fresh", action="store_true", help="solve everything anew")
    fitted.add_argument("-v", "--verbose", action="store_true", help="say what every solve did")
    _batch_options(case_verb("batch", _batch, "write a Slurm script that runs a case, and say how to submit it"))
    verb("schema", _schema, "print the JSON schema of case files, for editors")
    materials_cli.add_options(verb("materials", materials_cli.run, materials_cli.HELP))
    _atomprobe_options(verb("atomprobe", _atomprobe, "entropy of mixing and clustering in atom-probe data"))
    return parser


def _batch_options(sub: argparse.ArgumentParser) -> None:
    sub.formatter_class, sub.epilog = argparse.RawDescriptionHelpFormatter, BATCH_EPILOG
    sub.add_argument("--ranks", type=int, metavar="N", help="MPI ranks of a job; default: from the number of unknowns")
    sub.add_argument("--memory", metavar="8GB", help="of a job, all ranks together; default: twice the estimate")
    sub.add_argument("--time", metavar="2h", help="limit of a job; default: twice the estimate")
    sub.add_argument(
        "--array", type=int, metavar="N", help="solve the points of a sweep in N jobs at a time, then gather them"
    )
    sub.add_argument("--partition", metavar="P", help="default: the cluster's")
    sub.add_argument("--account", metavar="A", help="default: yours")
    sub.add_argument("--container", metavar="IMAGE", help="run in this image (file.sif, docker://...) with Apptainer")
    sub.add_argument("-o", "--output", type=Path, metavar="DIR", help="of the results; default: results/NAME")


def _atomprobe_options(sub: argparse.ArgumentParser) -> None:
    from thermolyte.atomprobe import EPILOG

    sub.formatter_class, sub.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    sub.add_argument("sample", nargs="?", type=Path, metavar="SAMPLE", help=".pos, .epos or .apt file")
    sub.add_argument("--ranges", type=Path, metavar="FILE", help=".rrng or .rng file of the sample")
    sub.add_argument("--sizes", metavar="L,L,...", help="edges of the cubes in nm; default: 1,2,3,5,10,20,40")
    sub.add_argument("--exclude", metavar="E,E,...", help="elements that are not counted, such as C,O")
    sub.add_argument("--lattice", type=float, metavar="NM", help="lattice parameter, to tell lengths in unit cells")
    sub.add_argument("--seed", type=int, default=1, metavar="N", help="of all random choices; default: 1")
    sub.add_argument("-o", "--output", type=Path, metavar="DIR", help="default: results/NAME in the current folder")
    made = sub.add_argument_group("made-up data")
    made.add_argument("--synthetic", type=Path, metavar="DIR", help="write DIR/NAME.pos and .rrng of an fcc alloy")
    made.add_argument("--composition", metavar="E:X,...", help="default: Ni:0.306,Cu:0.267,Co:0.219,Fe:0.208")
    made.add_argument("--cluster", type=float, metavar="NM", help="correlation length σ; default: 0, a random alloy")
    made.add_argument("--efficiency", type=float, metavar="X", help="share of atoms that are detected; default: 0.37")
    made.add_argument("--edge", type=float, metavar="NM", help="edge of the box; default: 40")


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
        share=options.share,
        petsc=options.petsc,
    )


def _verify(options: argparse.Namespace) -> int:
    from thermolyte.run import verify_case

    return verify_case(options.case, _values(options), options.output, fresh=options.fresh, petsc=options.petsc)


def _calibrate(options: argparse.Namespace) -> int:
    from thermolyte.calibration.command import calibrate_case

    return calibrate_case(
        options.case,
        _values(options),
        options.output,
        fresh=options.fresh,
        verbose=options.verbose,
        petsc=options.petsc,
    )


def _check(options: argparse.Namespace) -> int:
    from thermolyte.calibration.plan import make_plan
    from thermolyte.case import Case
    from thermolyte.check import check_all
    from thermolyte.ranges import Compositions, Ranges
    from thermolyte.results.outline import describe
    from thermolyte.studies.run import points

    case = Case.load(options.case, _values(options))
    ranges, compositions = Ranges(), Compositions()
    cards = check_all([point for _, point in points(case)], ranges, compositions)
    if case.calibration is not None:
        make_plan(case)
    warnings = [*cards, *ranges.lines(), *compositions.lines()]
    if _rank() == 0:
        print("\n".join([describe(case), *(f"warning: {warning}" for warning in warnings)]))
    return 0


def _mesh(options: argparse.Namespace) -> int:
    from thermolyte.run import mesh_case

    return mesh_case(options.case, _values(options), options.output)


def _batch(options: argparse.Namespace) -> int:
    from mpi4py import MPI

    from thermolyte.batch import Command, Wishes, write_script
    from thermolyte.case import Case
    from thermolyte.ranks import on_rank_0

    words = tuple(word for text in options.set for word in ("--set", text))
    command = Command(options.case, words, options.output, tuple(options.petsc_words))
    wishes = Wishes(**{name: getattr(options, name) for name in Wishes._fields})
    case = Case.load(options.case, _values(options))
    text = on_rank_0(MPI.COMM_WORLD, lambda: write_script(case, command, wishes))
    if _rank() == 0:
        print(text)
    return 0


def _schema(_: argparse.Namespace) -> int:
    from thermolyte.schema import json_schema

    print(json_schema(), end="")
    return 0


def _atomprobe(options: argparse.Namespace) -> int:
    from mpi4py import MPI

    from thermolyte.atomprobe.command import atomprobe
    from thermolyte.ranks import on_rank_0

    return on_rank_0(MPI.COMM_WORLD, lambda: atomprobe(options))


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
