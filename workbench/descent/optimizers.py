"""The optimizers of helpers.py by name, in the order of the course."""

import helpers

NAMES = "SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW"
OPTIMIZERS: dict[str, type[helpers.Optimizer]] = {name: getattr(helpers, name) for name in NAMES}
