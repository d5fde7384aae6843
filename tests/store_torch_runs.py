"""Store the torch.optim runs that test_helpers.py compares with: python tests/store_torch_runs.py (needs torch)."""

import json
from pathlib import Path

import numpy as np
import torch
from torch_cases import SETTINGS, cases, make, walk

NAMES = {"lr": "lr", "momentum": "momentum", "rho": "alpha", "eps": "eps", "weight_decay": "weight_decay"}


def torch_optimizer(w, name, ours):
    """torch.optim's optimizer of the same rule, with every hyper-parameter of ours handed over by name."""
    arguments = {NAMES[k]: v for k, v in vars(ours).items() if k in NAMES}
    if name in ("Adam", "AdamW"):
        arguments["betas"] = ours.beta1, ours.beta2
    if name == "Nesterov":
        arguments["nesterov"] = True
    class_name = {"Momentum": "SGD", "Nesterov": "SGD", "AdaGrad": "Adagrad", "RMSProp": "RMSprop"}.get(name, name)
    return getattr(torch.optim, class_name)([w], **arguments)


class Torch:
    """A torch.optim optimizer with the two things `walk` uses: `lr`, and an update of a NumPy array in place."""

    def __init__(self, start, name, ours):
        self.w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        self.optimizer = torch_optimizer(self.w, name, ours)

    @property
    def lr(self):
        return self.optimizer.param_groups[0]["lr"]

    @lr.setter
    def lr(self, value):
        self.optimizer.param_groups[0]["lr"] = value

    def update(self, w, g):
        self.w.grad = torch.tensor(g, dtype=torch.float64)
        self.optimizer.step()
        w[...] = self.w.detach().numpy()


if __name__ == "__main__":
    from torch_cases import LANDSCAPES

    runs = {}
    for case, name, arguments, landscape, halved in cases():
        theirs = Torch(LANDSCAPES[landscape][1], name, make(name, arguments))
        runs[case] = walk(theirs, landscape, halved, theirs.update)
        assert np.isfinite(runs[case]).all(), case
    assert {name for name, _ in SETTINGS} == {case.split()[0] for case in runs}
    lines = ",\n".join(f"{json.dumps(case)}: {json.dumps(points)}" for case, points in runs.items())
    target = Path(__file__).with_name("torch_runs.json")
    target.write_text(f'{{"torch": "{torch.__version__.split("+")[0]}",\n{lines}}}\n')
    print(f"{len(runs)} runs of torch {torch.__version__} in {target.name}")
