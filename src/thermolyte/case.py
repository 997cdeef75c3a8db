"""The case: what the user wrote, validated, in SI, frozen. The field names below are the YAML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from thermolyte import units
from thermolyte.boundary import BoundaryCondition
from thermolyte.calibration.section import Calibration
from thermolyte.case_file import CaseFile
from thermolyte.errors import InputError
from thermolyte.explain import choices
from thermolyte.geometry import Geometry, MeshOptions, Names
from thermolyte.geometry.parts import Name
from thermolyte.interface import Interface
from thermolyte.line_scan.options import LineScan
from thermolyte.lumped import lumped_metals
from thermolyte.physics.options import Physics
from thermolyte.quantities import Device
from thermolyte.region import Region
from thermolyte.setup import THERMOELECTRICITY, Setup
from thermolyte.solver import SolverSettings
from thermolyte.studies.study import OperatingPoint, Study
from thermolyte.terminal import Open, Terminal

T = TypeVar("T")


def _region(value: object) -> object:
    """`straps: Cu` is short for `straps: {material: Cu}`."""
    return {"material": value} if isinstance(value, str) else value


def _list(value: object) -> object:
    """One condition is short for a list of one."""
    return [value] if isinstance(value, dict) else value


Regions = dict[str, Annotated[Region, BeforeValidator(_region, json_schema_input_type=Region | str)]]
OneOrMore = Annotated[
    tuple[BoundaryCondition, ...],
    BeforeValidator(_list, json_schema_input_type=BoundaryCondition | tuple[BoundaryCondition, ...]),
]


class DeviceOptions(BaseModel):
    """Which boundaries and which terminal make the numbers of the device."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    hot: tuple[str, ...] = Field(("hot",), description="boundaries whose heat flows add up to Q_h")
    cold: tuple[str, ...] = Field(("cold",), description="boundaries whose heat flows add up to Q_c")
    terminal: str | None = Field(
        None,
        description="terminal whose voltage and current are the device's; default: the one without a fixed voltage",
    )
    leg_area: units.Area | None = Field(None, description="for the power density; default: from the geometry")
    footprint: units.Area | None = Field(None, description="for the power density; default: from the geometry")


class Output(BaseModel):
    """What is written besides the tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    fields: Literal["last", "all", "none"] = Field(
        "last", description="of which points the fields are written for ParaView"
    )
    figures: bool = True
    checkpoint: units.Time = Field(
        60.0, description="time of the clock after which a study in time is saved again, to continue when it is killed"
    )


class Case(BaseModel):
    """One case."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="thermolyte case")
    title: str
    physics: Physics = Field(THERMOELECTRICITY, description="what is solved; default: thermoelectricity")
    geometry: Geometry
    mesh: MeshOptions = MeshOptions()
    regions: Regions = Field(description="material of each region; names may be patterns such as '*_straps'")
    boundaries: dict[str, OneOrMore] = Field({}, description="conditions; no condition: insulated, free, closed")
    terminals: dict[str, Terminal] = Field({}, description="electrical terminals; no terminal: insulated")
    interfaces: dict[str, Interface] = Field(
        {}, description="contacts between two regions 'a/b'; patterns allowed; no contact: perfect"
    )
    device: DeviceOptions = DeviceOptions()
    line_scans: dict[Name, LineScan] = Field(
        {}, description="resistance scans across junctions, by name, as measured and reduced by an experimenter"
    )
    study: Study = OperatingPoint(type="operating_point")
    calibration: Calibration | None = Field(None, description="parameters to fit to data, for `calibrate`")
    solver: SolverSettings = SolverSettings()
    output: Output = Output()
    _file: CaseFile | None = PrivateAttr(None)

    @classmethod
    def load(cls, path: Path | str, values: Mapping[str, object] | None = None) -> Case:
        """Read a case file, or the folder that holds it, with `values` set by path.

        Raises:
            InputError: everything that is wrong with it, with line, place and remedy.
        """
        return cls._of(CaseFile.read(Path(path)).with_values(values or {}))

    @classmethod
    def _of(cls, file: CaseFile) -> Case:
        case: Case = file.parse(cls)
        case._file = file
        return case

    def vary(self, values: Mapping[str, object], section: Sequence[str | int] = ("study", "parameters")) -> Case:
        """This case with other values: {"boundaries.hot.temperature": "573 K"}, from a section of the case.

        Raises:
            InputError: as `load`; the place is that of the value in the section.
        """
        if not values or self._file is None:
            return self
        return self._of(self._file.with_values(values, lambda path: self.place(*section, path)))

    def written(self, path: str) -> object:
        """What the user wrote at a path such as boundaries.hot.temperature; None: nothing."""
        return self._file.value(path) if self._file else None

    def place(self, *keys: str | int) -> str:
        """Where a key stands: `file:line: a.b`; a region or interface may stand there as a pattern."""
        if len(keys) > 1 and keys[0] in ("regions", "interfaces"):
            keys = (keys[0], self._as_written(str(keys[0]), str(keys[1])), *keys[2:])
        return self._file.place(*keys) if self._file else ".".join(map(str, keys))

    def _as_written(self, section: str, name: str) -> str:
        """The key that speaks of a region or interface."""
        given: Mapping[str, object] = getattr(self, section)
        keys = [k for s in _spellings(name) for k in given if k == s] or [
            k for s in _spellings(name) for k in given if fnmatchcase(s, k)
        ]
        return keys[0] if keys else name

    @property
    def name(self) -> str:
        """Name of the case's folder, or of its file."""
        if self._file is None:
            return "case"
        path = self._file.path.resolve()
        return path.parent.name if path.stem == "case" else path.stem

    @property
    def folder(self) -> Path:
        """Folder of the case file."""
        return self._file.folder if self._file else Path()

    # ---- names -----------------------------------------------------------------------------------------------------
    def names(self) -> Names:
        """Every name that the geometry offers.

        Raises:
            InputError: the mesh file cannot be used.
        """
        try:
            return self.geometry.names()
        except InputError as error:
            raise InputError(f"{self.place('geometry', 'path')}: {error}") from None

    def setup(self, names: Names) -> Setup:
        """What is posed, with the patterns of region and interface names resolved.

        Raises:
            InputError: a name that the geometry does not have, a region without a material, an interface matched twice.
        """
        regions = self._resolve("regions", self.regions, names.regions, names)
        for r in names.regions:
            if r not in regions:
                raise InputError(f"{self.place('regions')}: region `{r}` has no material: add `{r}: NAME`")
        interfaces = self._resolve("interfaces", self.interfaces, tuple(names.interfaces), names)
        for b in self.boundaries:
            self._known(names.boundaries, b, "boundaries", b)
        for name, terminal in self.terminals.items():
            for face in terminal.faces(name):
                self._known(names.boundaries, face, "terminals", name, *(("on",) if terminal.on else ()))
        pairs = {(a, b): law for ab, law in interfaces.items() for a, b in [ab.split("/")]}
        ordered = {r: regions[r] for r in names.regions}
        lumped = lumped_metals(self, ordered, names) if self.physics.electrochemistry else {}
        coordinates = self.geometry.coordinates()
        return Setup(
            ordered, self.boundaries, self.terminals, pairs, self.mesh.order, self.physics, coordinates, lumped
        )

    def _resolve(self, section: str, given: Mapping[str, T], known: tuple[str, ...], names: Names) -> dict[str, T]:
        """Name -> value, each name matched by one key; an exact key wins over patterns."""
        exact = {spelling for n in known for spelling in _spellings(n)}
        found: dict[str, T] = {}
        by: dict[str, str] = {}
        for key, value in sorted(given.items(), key=lambda item: item[0] not in exact):
            matches = [n for n in known if any(s == key or fnmatchcase(s, key) for s in _spellings(n))]
            if not matches and section == "interfaces":
                raise InputError(f"{self.place(section, key)}: {_no_interface(key, names)}")
            if not matches:
                self._known(known, key, section, key)
            for n in matches:
                if n not in by:
                    found[n], by[n] = value, key
                elif key in exact or by[n] not in exact:
                    raise InputError(
                        f"{self.place(section, key)}: `{n}` is matched by `{by[n]}` too: keep one of them, or add a "
                        f"line `{n}` of its own"
                    )
        return found

    def _known(self, known: Collection[str], name: str, *place: str) -> None:
        """Refuse a region or boundary that the geometry does not have."""
        if name not in known:
            kind = "region" if place[0] == "regions" else "boundary"
            raise InputError(f"{self.place(*place)}: the geometry has no {kind} `{name}`; {choices(name, known)}")

    def electrical_terminal(self) -> str | None:
        """The terminal whose current is varied: as given, or the first that is neither ground nor an ideal strap."""
        if self.device.terminal:
            return self.device.terminal
        free = [n for n, t in self.terminals.items() if t.type in ("current", "load")]
        free = free or [n for n, t in self.terminals.items() if t.type == "voltage" and t.voltage != 0]
        free = free or [n for n, t in self.terminals.items() if isinstance(t, Open) and len(t.faces(n)) == 1]
        return free[0] if free else None

    def with_terminal(self, name: str, terminal: Terminal) -> Case:
        """This case with another law at one terminal."""
        case = self.model_copy(update={"terminals": {**self.terminals, name: terminal}})
        case._file = self._file
        return case

    def with_mesh(self, options: MeshOptions) -> Case:
        """This case on another mesh."""
        case = self.model_copy(update={"mesh": options})
        case._file = self._file
        return case

    def device_of_numbers(self) -> Device:
        """Sides, terminal and areas that the quantities refer to."""
        shape, options = self.geometry.device(), self.device
        hot, cold = (tuple(b for b in side if b in self.boundaries) for side in (options.hot, options.cold))
        leg_area, footprint = options.leg_area or shape.leg_area, options.footprint or shape.footprint
        return Device(self.electrical_terminal(), hot, cold, leg_area, footprint)

    def resolved(self) -> dict[str, Any]:
        """The case as it was understood, in SI, for `result.json`."""
        return self.model_dump(mode="json", exclude_none=True)


def _spellings(name: str) -> tuple[str, ...]:
    """How a name may be written: a contact as a/b or b/a."""
    return (name, "/".join(reversed(name.split("/")))) if "/" in name else (name,)


def _no_interface(key: str, names: Names) -> str:
    """Why there is no such interface."""
    regions = key.split("/")
    if key in names.boundaries:
        return f"`{key}` is a boundary, which touches one side only: a contact lies between two regions, written a/b"
    if len(regions) != 2:
        return f"a contact lies between two regions, written a/b; known: {', '.join(names.interfaces) or 'none'}"
    if regions[0] != regions[1] and set(regions) <= set(names.regions):
        return f"`{regions[0]}` and `{regions[1]}` do not touch; known: {', '.join(names.interfaces) or 'none'}"
    return f"the geometry has no interface `{key}`; {choices(key, names.interfaces)}"
