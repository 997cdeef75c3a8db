"""Laws of the interface between two regions: each class is its YAML and its terms of the residual.

An interface without a law is perfect: all fields are continuous across it. To add a law, add a file and name it in
`Interface`.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from thermolyte.interface.junction import named
from thermolyte.interface.several import OneLaw, Several


def _kind(value: Any) -> str:
    """Whether one law was meant, or several."""
    several = isinstance(value, Several) or (isinstance(value, dict) and "laws" in value)
    return "several" if several else "one"


def _many(value: Any) -> Any:
    """A list of laws is short for {laws: [...]}."""
    return (
        {"laws": [{"type": "contact", **x} if isinstance(x, dict) else x for x in value]}
        if isinstance(value, list)
        else value
    )


Name = Annotated[str, Field(pattern=r"^[\w./-]+$")]
Law = Annotated[Annotated[OneLaw, Tag("one")] | Annotated[Several, Tag("several")], Discriminator(_kind)]
Interface = Annotated[
    Law,
    BeforeValidator(_many),
    BeforeValidator(named, json_schema_input_type=Name | Law | list[OneLaw]),
    Field(description="laws, or the name of a junction of the library, or the path of a .yaml file with one"),
]
