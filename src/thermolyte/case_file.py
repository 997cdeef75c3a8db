"""The YAML file behind a case: reading it, changing single values by their path, and errors that name file and line."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from thermolyte.errors import InputError
from thermolyte.explain import Keys, choices, mistakes

# What the YAML reader says -> what to do; its own words are about tokens.
REMEDIES = {
    "'\\t'": "indent with spaces, not with tabs",
    "could not find expected ':'": "a key needs a colon after it, and a name that starts with * needs quotes",
    "cannot start any token": "put the value in quotes",
    "mapping values are not allowed": "keys of one section start in the same column; a text with a colon needs quotes",
    "expected <block end>": "keys of one section start in the same column",
    "undefined alias": "a name that starts with * needs quotes",
    "<stream end>": "a bracket, brace or quote that opens here is not closed",
    "another document": "a case is one document: remove the line ---",
    "special characters are not allowed": "save the file as plain text",
}


@dataclass(frozen=True)
class CaseFile:
    """The content of a case file, with where each key stands."""

    path: Path
    data: Any
    changed: Mapping[Keys, str] = field(default_factory=dict)
    """Keys whose value was not taken from the file -> where it comes from, for messages."""
    made: frozenset[Keys] = frozenset()
    """Mappings that were made because a value was set inside them."""

    @classmethod
    def read(cls, path: Path) -> CaseFile:
        """Read `case.yaml`, or the folder that holds it.

        Raises:
            InputError: no such file, or not YAML; with the line.
        """
        if path.is_dir() and not (path / "case.yaml").is_file():
            found = ", ".join(sorted(p.name for p in path.glob("*.yaml"))) or "none"
            raise InputError(f"{path}: no case.yaml in this folder; its .yaml files: {found}")
        path = path / "case.yaml" if path.is_dir() else path
        data = read_yaml(read_text(path), str(path))
        if not isinstance(data, dict):
            raise InputError(f"{path}:1: {'empty' if data is None else 'not a mapping'}: expected lines `key: value`")
        return cls(path, data)

    @property
    def folder(self) -> Path:
        """Folder against which the paths in the case are resolved."""
        return self.path.resolve().parent

    def with_values(self, values: Mapping[str, object], origin: Callable[[str], str] = "--set {}".format) -> CaseFile:
        """A copy in which `values` are set: {"boundaries.hot.temperature": "573 K"}.

        `origin(path)` says in messages where a value comes from.

        Raises:
            InputError: a path that runs into a value, or an index that a list does not have.
        """
        data, changed, made = copy.deepcopy(self.data), dict(self.changed), set(self.made)
        for path, value in values.items():
            keys, node = path.split("."), data
            for i, key in enumerate(keys):
                here = ".".join(keys[:i]) or "the case"
                step = _step(node, key, f"{origin(path)}: `{here}`")
                if i == len(keys) - 1:
                    node[step] = value
                    changed[tuple(keys)] = origin(path)
                elif isinstance(node, dict) and node.get(step) is None:
                    node[step] = {}
                    changed[tuple(keys[: i + 1])] = origin(path)
                    made.add(tuple(keys[: i + 1]))
                node = node[step]
        return CaseFile(self.path, data, changed, frozenset(made))

    def value(self, path: str) -> Any:
        """What stands at a path, as it is written; None: nothing."""
        node = self.data
        for key in path.split("."):
            found = _find(node, int(key) if isinstance(node, list) and key.isdigit() else key)
            if found is None:
                return None
            node = node[found]
        return _plain(node)

    def parse(self, model: type[BaseModel]) -> Any:
        """The content as a validated model.

        Raises:
            InputError: every mistake with file, line, place in the YAML and remedy.
        """
        data = _plain(self.data)
        try:
            return model.model_validate(data, context={"folder": self.folder})
        except ValidationError as error:
            lines = []
            for keys, text, missing in mistakes(error, model, data):
                made = [k for k in (keys, keys[:-1]) if missing and k in self.made]
                lines += [f"{self.changed[k]}: {self._not_there(k)}" for k in made[:1]]
                lines += [] if made else [f"{self.place(*keys)}: {text}"]
            raise InputError("\n".join(dict.fromkeys(lines))) from None

    def _not_there(self, keys: Keys) -> str:
        """A path that was made by setting a value in it, and is not complete: a slip in its name."""
        parent: Any = self.data
        for key in keys[:-1]:
            parent = parent[key]
        known = [str(k) for k in parent if k != keys[-1]]
        return f"there is no `{keys[-1]}` in {_dotted(keys[:-1]) or 'the case'}; {choices(str(keys[-1]), known)}"

    def place(self, *keys: str | int) -> str:
        """`file:line: a.b` of a key, or where its value comes from if that is not the file."""
        for n in range(len(keys), 0, -1):
            origin = self.changed.get(tuple(map(str, keys[:n])))
            if origin:
                inside = _dotted(keys if keys[:n] != keys or not origin.endswith(_dotted(keys)) else ())
                return f"{origin}: {inside}" if inside else origin
        node, line = self.data, 1
        for key in keys:
            found = _find(node, key)
            if found is None:
                break
            node, line = node[found], _line(node, found, line)
        where = f"{self.path}:{line}" if hasattr(self.data, "lc") else f"{self.path}"
        return f"{where}: {_dotted(keys)}" if keys else where


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        InputError: it is not there, or is not text in UTF-8; with the line.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give a case.yaml or the folder that holds one") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not text in UTF-8: save the file with that encoding") from None


def read_yaml(text: str, name: str, numbered: bool = True) -> Any:
    """The content of a YAML text, with the lines of its keys; messages start with `name`, and the line if numbered.

    Raises:
        InputError: not YAML; with the line and what to do.
    """
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        problem = str(error.problem or error.context)
        at_start = any(words in problem for words in ("expected ':'", "<stream end>"))
        mark = error.context_mark if at_start and error.context_mark else error.problem_mark
        line = f":{mark.line + 1}" if mark else ""
    except YAMLError as error:
        problem = str(error).splitlines()[0]
        line = f":{text.count(chr(10), 0, getattr(error, 'position', 0)) + 1}"
    except RecursionError:
        problem, line = "nested too deeply", ""
    remedy = next((f": {r}" for words, r in REMEDIES.items() if words in problem), "")
    raise InputError(f"{name}{line if numbered else ''}: not valid YAML: {problem}{remedy}")


def _dotted(keys: Keys) -> str:
    return ".".join(map(str, keys))


def _find(node: Any, key: str | int) -> Any:
    """The key as the YAML has it, where numbers are not text; None: it is not there."""
    if isinstance(node, dict):
        return next((k for k in node if k == key or str(k) == str(key)), None)
    return key if isinstance(node, list) and isinstance(key, int) and key < len(node) else None


def _step(node: Any, key: str, what: str) -> str | int:
    """The key or index with which a path goes one level down.

    Raises:
        InputError: there is nothing below, or not that many.
    """
    if not key:
        raise InputError(f"{what} is followed by an empty key: write a path such as boundaries.hot.temperature")
    if isinstance(node, dict):
        found = _find(node, key)
        return key if found is None else found
    if not isinstance(node, list):
        raise InputError(f"{what} is the value {node!s}, which has nothing below it: in the file, make it a mapping")
    if not key.isdigit() or int(key) >= len(node):
        raise InputError(f"{what} is a list with entries 0 to {len(node) - 1}, not `{key}`")
    return int(key)


def _line(node: Any, key: str | int, default: int) -> int:
    """Line of a key (counted from 1); values set from outside have none."""
    try:
        lines = node.lc
        find = lines.item if isinstance(node, list) else lines.key
        return int(find(key)[0]) + 1
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
