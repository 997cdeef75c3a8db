"""The verb `materials`: cards, doping series, and cards from the files of other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from thermolyte.errors import InputError

if TYPE_CHECKING:
    from thermolyte.materials import Card

HELP = "list, show, plot or import material cards; doping series, linear chain"
WORDS = ["list", "show", "plot", "import", "series", "chain"]
EPILOG = """\
examples:
  thermolyte materials show MgAgSb-395
  thermolyte materials plot NbFeSb-Hf-model --doping 0.02 0.06 0.12      a modelled card at some x
  thermolyte materials import kappa-m11.hdf5 transport_99x99x99.json --doping=-1e20 -o mine.yaml
  thermolyte materials import mine.condtens --doping 0.05 --tau "12 fs" --direction axes
  thermolyte materials series                                            how dopants lower κ_L

import joins phono3py kappa-*.hdf5, AMSET transport_*.json, BoltzTraP2 .trace and .condtens, and
measured .csv over their common temperatures into one card, with its sources.
"""


def add_options(sub: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    sub.formatter_class, sub.epilog = argparse.RawDescriptionHelpFormatter, EPILOG
    sub.add_argument("what", choices=WORDS)
    sub.add_argument("names", nargs="*", metavar="NAME", help="card of the library, or path of a card or CSV file")
    sub.add_argument("-o", "--output", type=Path, metavar="FILE", help="picture or card to write")
    sub.add_argument(
        "--doping",
        type=float,
        nargs="+",
        default=[],
        metavar="X",
        help="show, plot: dopant fractions of modelled cards; import: as the file counts it",
    )
    sub.add_argument("--tau", metavar="TIME", help="import: relaxation time of BoltzTraP2, such as '12 fs'")
    sub.add_argument("--fermi-level", metavar="ENERGY", help="import: of BoltzTraP2 instead of --doping; Ry, or '5 eV'")
    sub.add_argument("--cell-volume", metavar="V", help="import: '162 angstrom^3', so that --doping is in 1/cm³")
    sub.add_argument(
        "--direction", default="mean", choices=["mean", "x", "y", "z", "axes"], help="import: of tensors; default: mean"
    )
    sub.add_argument("--name", help="import: title of the card")
    sub.add_argument(
        "--kind", choices=["thermoelectric", "n-type", "p-type"], help="import: of the card; default: by the sign of S"
    )


def run(options: argparse.Namespace) -> int:
    """Do what the user asks for."""
    from rich.console import Console

    from thermolyte.materials import library
    from thermolyte.materials.listing import list_cards, show_card

    if options.what == "list":
        Console().print(list_cards())
        return 0
    if options.what in ("series", "chain"):
        return _draw_model(options)
    if options.what == "import":
        return _import(options)
    if not options.names:
        raise InputError(f"materials {options.what}: name a card; known: {', '.join(library())}")
    cards = [card for name in options.names for card in _at_dopings(name, options.doping)]
    if options.what == "show":
        for card in cards:
            Console().print(show_card(card))
        return 0
    from thermolyte.materials.plot import plot_cards

    print(plot_cards(cards, options.output or Path("-".join(Path(n).stem for n in options.names) + ".png")))
    return 0


def _at_dopings(name: str, dopings: list[float]) -> list[Card]:
    """A card; one with a model at each of the dopant fractions."""
    from thermolyte.materials import Card

    card = Card.load(name)
    if not dopings or card.model is None:
        return [card]
    try:
        return [card.with_doping(x).model_copy(update={"name": f"{card.name}, x = {x:g}"}) for x in dopings]
    except ValueError as error:
        raise InputError(f"--doping: {error}") from None


def _import(options: argparse.Namespace) -> int:
    from thermolyte.materials.importers import Wishes, import_card

    if not options.names:
        raise InputError("materials import: name the files, such as kappa-m11.hdf5 transport_99x99x99.json")
    if len(options.doping) > 1:
        raise InputError("materials import: give one --doping")
    doping = options.doping[0] if options.doping else None
    given = {name: getattr(options, name) for name in Wishes._fields if name != "doping"}
    wishes = Wishes(doping, **given)
    paths = [Path(name) for name in options.names]
    for line in import_card(paths, wishes, options.output or Path(f"{options.name or paths[0].stem}.yaml")):
        print(line)
    return 0


def _draw_model(options: argparse.Namespace) -> int:
    """The doping series, with a table of their fits, or the linear chain."""
    from rich.console import Console

    from thermolyte.materials.chain_plot import plot_chain
    from thermolyte.materials.series_plot import plot_series, strengths_table

    if options.names:
        raise InputError(f"materials {options.what} takes no name: remove {' '.join(options.names)}")
    if options.what == "series":
        Console().print(strengths_table())
    plot = plot_series if options.what == "series" else plot_chain
    print(plot(options.output or Path(f"{options.what}.png")))
    return 0
