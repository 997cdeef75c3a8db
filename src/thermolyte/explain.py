"""What pydantic finds wrong with a YAML tree, in words of the user: which keys, what is wrong, what is known there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

Keys = tuple[str | int, ...]
Schema = Mapping[str, Any]

# What was expected, by the kind of the error.
NOUNS = {
    "string_type": "text",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


class Mistake(NamedTuple):
    """One thing that is wrong: the keys that lead to it in the YAML, and what to do."""

    keys: Keys
    text: str
    missing: bool = False


def mistakes(error: ValidationError, model: type[BaseModel], data: Any) -> list[Mistake]:
    """The errors of a validation, each place once; a missing key that was only misspelt is not told twice."""
    schema = model.model_json_schema()
    found = [_Error(e, schema, data) for e in error.errors(include_url=False)]
    misspelt = {(*e.keys[:-1], e.suggestion) for e in found if e.kind == "extra_forbidden"}
    places: dict[Keys, list[_Error]] = {}
    for e in found:
        if e.kind != "missing" or e.keys not in misspelt:
            places.setdefault(e.keys, []).append(e)
    return [Mistake(keys, _text(errors), errors[0].is_missing) for keys, errors in places.items()]


def choices(wrong: str, known: Iterable[str]) -> str:
    """'did you mean …? known: …' for a name that is not known."""
    known = list(known)
    close = difflib.get_close_matches(wrong, known, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    return f"{hint}known: {', '.join(known) or 'none'}"


class _Error:
    """One pydantic error, with its place in the YAML and in the schema."""

    def __init__(self, error: Mapping[str, Any], schema: Schema, data: Any):
        self.kind, self.context, self.message = str(error["type"]), error.get("ctx", {}), str(error["msg"])
        self.schema, self.found, self.tag = schema, data, None
        nodes, keys = [schema], []
        location: Sequence[str | int] = error["loc"]
        for i, step in enumerate(location):
            below, tagged = _below(schema, nodes, step)
            last = i == len(location) - 1
            if tagged:
                self.tag = str(step)
            elif _has(self.found, step):
                self.found, self.tag = self.found[step], self.tag if last else None
                keys.append(step)
            elif last and self.kind in ("missing", "extra_forbidden"):
                keys.append(step)
            self.siblings = _keys_of(schema, nodes) if last else []
            nodes = below or nodes
        self.nodes, self.keys = nodes, tuple(keys)

    @property
    def is_missing(self) -> bool:
        return self.kind in ("missing", "union_tag_not_found")

    @property
    def suggestion(self) -> str | None:
        """The known key that an unknown one was meant to be."""
        close = difflib.get_close_matches(str(self.keys[-1]), self.siblings, n=1) if self.keys else []
        return close[0] if close else None

    @property
    def wanted(self) -> str:
        """What was expected here, for an error of type."""
        noun = NOUNS[self.kind]
        if noun != "a mapping":
            return noun
        for a in _alternatives(self.schema, self.nodes):
            if _mapping(a):
                return f"one mapping {{{a['discriminator']['propertyName']}: {' or '.join(_mapping(a))}, ...}}"
        known = _keys_of(self.schema, self.nodes)
        return f"a mapping with keys such as {', '.join(known[:4])}" if known else "a mapping of names to values"


def _text(errors: Sequence[_Error]) -> str:
    """What is wrong at one place; several errors there are the alternatives of a union."""
    if all(e.kind in NOUNS for e in errors):
        wanted = list(dict.fromkeys(e.wanted for e in errors))
        return f"expected {' or '.join(wanted)}, found {_shown(errors[0].found)}{_remedy(errors[0])}"
    e = next(e for e in errors if e.kind not in NOUNS)
    if e.kind == "extra_forbidden":
        return f"unknown key{_owner(e)}; {choices(str(e.keys[-1]), e.siblings)}"
    if e.kind == "missing":
        return "is missing"
    if e.kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = str(e.context["discriminator"]).strip("'")
        tag = "type" if tag.endswith("()") else tag  # told apart by a function
        found = _alternatives(e.schema, e.nodes)
        known = list(dict.fromkeys([t for a in found for t in _mapping(a)] or filter(None, map(_type, found))))
        given = e.context.get("tag")
        hint = choices(given, known) if given else f"known: {', '.join(known)}"
        return f"{tag} `{given}` is not known; {hint}" if given else f"{tag} is missing; {hint}"
    if e.kind in BOUNDS:
        limit, words = BOUNDS[e.kind]
        return f"must be {words} {e.context[limit]:g}, not {_shown(e.found)}"
    if e.kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(e.context["expected"])) or re.findall(r"[^\s,]+", e.context["expected"])
        return f"{_shown(e.found)} is not known; {choices(str(e.found), [k for k in known if k != 'or'])}"
    if e.kind == "too_short":
        return f"needs at least {e.context['min_length']} entry"
    return e.message.removeprefix("Value error, ")


def _owner(e: _Error) -> str:
    return f" for type {e.tag}" if e.tag else ""


def _remedy(e: _Error) -> str:
    if e.found is None:
        return ": write a value, or remove the key"
    if e.kind == "tuple_type" and isinstance(e.found, str | int | float):
        return f": write [{e.found}]"
    if e.kind == "string_type" and isinstance(e.found, int | float):
        return ": put it in quotes"
    return ""


def _shown(value: object) -> str:
    """A value of the YAML in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    return f"`{value}`"


# ---- walking through data and schema ---------------------------------------------------------------------------------
def _has(node: Any, step: str | int) -> bool:
    if isinstance(node, dict):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and step < len(node)


def _alternatives(schema: Schema, nodes: Iterable[Schema]) -> list[Schema]:
    """The nodes with references and unions resolved, except unions whose members are told apart by a tag."""
    found: list[Schema] = []
    for node in nodes:
        options = node.get("oneOf", node.get("anyOf", node.get("allOf")))
        if "$ref" in node:
            found += _alternatives(schema, [schema["$defs"][node["$ref"].rsplit("/", 1)[1]]])
        elif options and "discriminator" not in node:
            found += _alternatives(schema, options)
        else:
            found.append(node)
    return found


def _mapping(node: Schema) -> Mapping[str, str]:
    """Tag -> reference, of a union whose members are told apart by a tag."""
    found: Mapping[str, str] = node.get("discriminator", {}).get("mapping", {})
    return found


def _below(schema: Schema, nodes: Iterable[Schema], step: str | int) -> tuple[list[Schema], bool]:
    """The schema one step down, and whether that step was the tag of a union (which is no key of the YAML)."""
    alternatives = _alternatives(schema, nodes)
    tagged = [{"$ref": m[str(step)]} for a in alternatives if str(step) in (m := _mapping(a))]
    if tagged:
        return list(tagged), True
    found: list[Schema] = []
    for a in alternatives:
        named = a.get("patternProperties", {})  # one pattern of names
        free = next(iter(named.values()), a.get("additionalProperties"))
        if step in a.get("properties", {}):
            found.append(a["properties"][step])
        elif isinstance(step, int) and "items" in a:
            found.append(a["items"])
        elif isinstance(step, int) and _mapping(a):  # one condition, short for a list of one
            found.append(a)
        elif isinstance(free, dict):
            found.append(free)
    of_type = [a for a in alternatives if _type(a) == step]
    return (found, False) if found or not of_type else (of_type, True)


def _type(node: Schema) -> str | None:
    """What stands under `type` in a mapping of this kind."""
    found: str | None = node.get("properties", {}).get("type", {}).get("const")
    return found


def _keys_of(schema: Schema, nodes: Iterable[Schema]) -> list[str]:
    """The keys that may stand in a mapping, the needed ones first."""
    found: dict[str, None] = {}
    for a in _alternatives(schema, nodes):
        needed = a.get("required", [])
        found |= dict.fromkeys(k for k in needed if k in a.get("properties", {}))
        found |= dict.fromkeys(a.get("properties", {}))
    return list(found)
