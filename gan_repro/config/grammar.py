"""Imported before jsonschema, which then leaves out a grammar that it would compile for seconds.

Jupyter brings ``rfc3987_syntax``, for the formats of addresses. No schema that is read here has
one: not that of notebooks, nor that of the configuration.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)
