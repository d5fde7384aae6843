"""Import this before nbformat, and its import takes a third of a second, not more than two.

nbformat checks notebooks with jsonschema. This in turn reads a grammar of internationalized addresses (IRIs), which
takes two seconds, for a check of formats that nbformat never asks for. Without the grammar jsonschema leaves out that
check and none of the others.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # its import raises ImportError, as if it were not installed
