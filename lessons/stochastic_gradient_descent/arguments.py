"""For the tests of arguments: data, batches and parameters that fit one another, and such that do not."""

import numpy as np

from lessons.stochastic_gradient_descent import experiments

U, T = experiments.line_data()
BATCHES = experiments.in_batches(np.arange(32), 4)
RUN = {"batches": BATCHES, "start": (0.0, 0.0)}

WAVES = dict(zip("ut", experiments.wave_data(), strict=True))
LINE = {"u": U, "t": T}

GOOD = {
    "experiments.descend": RUN | {"gradient": experiments.line_gradient, "inputs": experiments.design(U), "targets": T},
    "experiments.fit_line": RUN | {"u": U, "t": T},
    "experiments.gradient_noise": {"u": U, "t": T},
    "experiments.least_squares": {"u": U, "t": T},
    "experiments.wave_loss": WAVES,
    **{f"experiments.{name}": LINE for name in ("excess", "samples_to_target", "tuned_cost", "longest_step")},
    **{f"experiments.{name}": WAVES for name in ("wave_ends", "fit_waves")},
}
RELATIONS = {
    "experiments.descend": {
        "targets": [T[:3], [1.0]],
        "inputs": [U[:3], [1.0]],
        "batches": [BATCHES + 1, BATCHES + 1000],
        "start": [[1.0], np.ones((2, 3))],
        "gradient": [lambda w, x, t, a=a: a for a in (None, "1", 1j, [1.0], np.ones(3))],
    },
    "experiments.fit_line": {"t": [T[:3], [1.0]], "u": [U[:3], np.ones(32)], "batches": [BATCHES + 1]},
    "experiments.gradient_noise": {"t": [T[:3], [1.0]], "u": [U[:3], [1.0]]},
    "experiments.least_squares": {"t": [T[:3], [1.0]], "u": [U[:3], np.ones(32)]},
    "experiments.wave_loss": {"t": [T[:3], [1.0]], "u": [U[:3], np.zeros(20)]},
    "experiments.line_gradient": {"t": [[1.0], np.ones(4)], "rows": [np.ones((4, 2))]},
    "experiments.wave_gradient": {"t": [[1.0], np.ones(4)], "u": [np.ones(4)]},
}
# What a message may name beside an argument that does not fit.
CALLED = {"u": "t", "rows": "t", "inputs": "t", "targets": "t", "gradient": "grads", "start": "grads|w"}
