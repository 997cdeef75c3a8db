"""What can be known about line scans without a mesh: their current, reference, coordinates and cross-section."""

from __future__ import annotations

from thermolyte.case import Case
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.line_scan.options import ENDS
from thermolyte.line_scan.scans import lines_of
from thermolyte.setup import Setup
from thermolyte.studies.study import OperatingPoint
from thermolyte.terminal import Current, Load, Open


def check_line_scans(case: Case, setup: Setup) -> None:
    """Refuse scans that cannot be taken.

    Raises:
        InputError: no thermoelectric device, no current, an unknown reference, or points of another dimension.
    """
    if case.line_scans and setup.physics.thermoelectricity is None:
        raise InputError(
            f"{case.place('line_scans')}: a line scan is that of a thermoelectric device, which this case does not "
            "solve: remove it"
        )
    axes = setup.coordinates.axes
    for name, scan in case.line_scans.items():
        _check_current(case, name)
        if scan.reference not in (*ENDS, *setup.terminals):
            raise InputError(
                f"{case.place('line_scans', name, 'reference')}: the voltage is measured against an end of the line or "
                f"a terminal; {choices(scan.reference, (*ENDS, *setup.terminals))}"
            )
        if len(scan.start) != len(axes):
            raise InputError(
                f"{case.place('line_scans', name, 'start')}: {len(scan.start)} coordinates, but the geometry has "
                f"{len(axes)}: {', '.join(axes)}"
            )
    lines_of(case)


def _check_current(case: Case, name: str) -> None:
    """A terminal drives a current through the device, at the only point of the study or by its kind."""
    chosen = case.electrical_terminal()
    if chosen is None:
        raise InputError(
            f"{case.place('terminals')}: the line scan `{name}` needs a current: add a terminal with type current"
        )
    terminal, only = case.terminals[chosen], isinstance(case.study, OperatingPoint)
    idle = isinstance(terminal, Open) or (only and isinstance(terminal, Current) and terminal.current == 0)
    if idle or (isinstance(terminal, Load) and case.line_scans[name].method == "isothermal"):
        why = "at one temperature nothing drives a current through a load" if isinstance(terminal, Load) else "0 A"
        raise InputError(
            f"{case.place('terminals', chosen)}: the line scan `{name}` needs a current, and this terminal carries "
            f"none ({why}): give it type current, with a current that is not 0 A"
        )
