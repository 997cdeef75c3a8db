"""The JSON schema of case files: makes an editor complete and check the YAML."""

from __future__ import annotations

import json

from thermolyte.case import Case


def json_schema() -> str:
    """The schema as JSON text, with a final newline."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Case.model_json_schema()}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
