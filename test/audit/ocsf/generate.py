"""Writes JSON Schemas of the OCSF classes that the export uses into this folder, by a package that is not ours.

python3 -m venv v && v/bin/pip install ocsf-json-schema==1.2.0 && v/bin/python test/audit/ocsf/generate.py
"""

import json
from pathlib import Path

from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.6.0"))
for uid, profiles in [(2004, ["security_control"]), (3003, []), (3004, []), (3005, []), (6003, [])]:
    name = schema.lookup_class_name_from_uid(class_uid=uid)
    made = schema.get_class_schema(class_name=name, profiles=profiles)
    text = json.dumps(made, sort_keys=True, separators=(",", ":"))
    Path(__file__).with_name(f"{uid}.schema.json").write_text(text + "\n")
