"""The YAML file behind a case: reading it, changing single values by their path, and errors that name file and line."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from thermolyte.errors import InputError

Location = Sequence[str | int]


@dataclass(frozen=True)
class CaseFile:
    """The content of a case file, with where each key stands."""

    path: Path
    data: Any
    changed: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, path: Path) -> CaseFile:
        """Read `case.yaml`, or the folder that holds it.

        Raises:
            InputError: no such file, or not YAML; with the line.
        """
        path = path / "case.yaml" if path.is_dir() else path
        try:
            data = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(f"{path}: no such file; give a case.yaml or the folder that holds one") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from None
        except MarkedYAMLError as error:
            line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
            raise InputError(f"{path}{line}: not valid YAML: {error.problem or error.context}") from None
        if not isinstance(data, dict):
            raise InputError(f"{path}: empty, or not a mapping of sections such as `geometry:` and `regions:`")
        return cls(path, data)

    @property
    def folder(self) -> Path:
        """Folder against which the paths in the case are resolved."""
        return self.path.resolve().parent

    def with_values(self, values: Mapping[str, object]) -> CaseFile:
        """A copy in which `values` are set: {"boundaries.hot.temperature": "573 K"}.

        Raises:
            InputError: a path that runs into a value, or an index that a list does not have.
        """
        data = copy.deepcopy(self.data)
        for path, value in values.items():
            node, *keys = data, *path.split(".")
            for i, key in enumerate(keys):
                node = self._step(node, key, path, value if i == len(keys) - 1 else None)
        return CaseFile(self.path, data, self.changed | frozenset(values))

    def _step(self, node: Any, key: str, path: str, value: object) -> Any:
        """Set `key` of `node` to value, or (value None) go one level down, making it where it is missing."""
        if isinstance(node, dict):
            if value is not None:
                node[key] = value
            return node.setdefault(key, {})
        if isinstance(node, list) and key.isdigit() and int(key) < len(node):
            if value is not None:
                node[int(key)] = value
            return node[int(key)]
        raise InputError(f"{path}: cannot be set in {self.path}: there is no `{key}` below a value or a shorter list")

    def parse(self, model: type[BaseModel]) -> Any:
        """The content as a validated model.

        Raises:
            InputError: every mistake with file, line, place in the YAML and remedy.
        """
        try:
            return model.model_validate(_plain(self.data), context={"folder": self.folder})
        except ValidationError as error:
            lines = [self._explain(e, model) for e in error.errors(include_url=False)]
            raise InputError("\n".join(dict.fromkeys(lines))) from None

    def _explain(self, error: Mapping[str, Any], model: type[BaseModel]) -> str:
        keys, line = self._place(error["loc"], missing=error["type"] == "missing")
        place = ".".join(map(str, keys))
        where = "--set" if place in self.changed else f"{self.path}:{line}"
        return f"{where}: {place}: {_message(error, model)}" if place else f"{where}: {_message(error, model)}"

    def place(self, *keys: str | int) -> str:
        """`file:line: a.b.c` of a key, for errors that are found later than by the schema."""
        found, line = self._place(keys, missing=True)
        return f"{self.path}:{line}: {'.'.join(map(str, found))}"

    def _place(self, location: Location, missing: bool) -> tuple[list[str | int], int]:
        """The keys of a pydantic location that stand in the YAML (it also holds union tags), and their line."""
        node, keys, line = self.data, [], 1
        for i, key in enumerate(location):
            known = (
                key in node
                if isinstance(node, dict)
                else isinstance(node, list) and isinstance(key, int) and key < len(node)
            )
            if known:
                line = _line(node, key, line)
                node = node[key]
                keys.append(key)
            elif missing and i == len(location) - 1:
                keys.append(key)
        return keys, line


def _line(node: Any, key: str | int, default: int) -> int:
    """Line of a key (counted from 1); values set from outside have none."""
    try:
        return int((node.lc.item(key) if isinstance(key, int) else node.lc.key(key))[0]) + 1
    except (AttributeError, KeyError, TypeError, IndexError):
        return default


def _plain(node: Any) -> Any:
    """The YAML tree without the reader's own types."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(v) for v in node]
    if isinstance(node, bool):
        return node
    return next((t(node) for t in (int, float, str) if isinstance(node, t)), node)


def _message(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    """What is wrong, in words of the case file, from a pydantic error."""
    kind, location = error["type"], error["loc"]
    if kind == "extra_forbidden":
        known = sorted(_known_keys(model.model_json_schema(), location[:-1]))
        return f"unknown key; {choices(str(location[-1]), known)}"
    if kind == "missing":
        return "is missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag, tags = error["ctx"]["discriminator"], error["ctx"].get("expected_tags", "")
        given = f"{error['ctx']['tag']!r} is not known" if "tag" in error["ctx"] else "is missing"
        expected = f"; known: {tags}" if tags else ""
        return f"{tag} {given}{expected}".replace("'", "")
    text = str(error["msg"]).removeprefix("Value error, ")
    return text[0].lower() + text[1:] if text.startswith(("Input", "List", "Tuple", "String")) else text


def choices(wrong: str, known: Iterable[str]) -> str:
    """'did you mean …? known: …' for a name that is not known."""
    known = list(known)
    close = difflib.get_close_matches(wrong, known, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    return f"{hint}known: {', '.join(known) or 'none'}"


def _known_keys(schema: Mapping[str, Any], location: Location) -> set[str]:
    """The keys that the JSON schema allows at a location."""
    nodes = [schema]
    for step in location:
        nodes = [found for node in nodes for found in _below(schema, node, step)] or nodes
    return {
        k for node in nodes for alternative in _alternatives(schema, node) for k in alternative.get("properties", {})
    }


def _alternatives(schema: Mapping[str, Any], node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The node with references and unions resolved."""
    if "$ref" in node:
        return _alternatives(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
    options = node.get("oneOf", node.get("anyOf", node.get("allOf")))
    return [a for o in options for a in _alternatives(schema, o)] if options else [node]


def _below(schema: Mapping[str, Any], node: Mapping[str, Any], step: str | int) -> list[Mapping[str, Any]]:
    """The schema nodes one step down: a property, a free key, an item, or the alternative that a union tag names."""
    found: list[Mapping[str, Any]] = []
    for a in _alternatives(schema, node):
        properties = a.get("properties", {})
        free = a.get("additionalProperties")
        if step in properties:
            found.append(properties[step])
        elif isinstance(step, int) and "items" in a:
            found.append(a["items"])
        elif isinstance(free, dict):
            found.append(free)
        elif any(p.get("const") == step for p in properties.values() if isinstance(p, dict)):
            found.append(a)
    return found
