"""Store the runs of PyTorch, Optax and schedulefree that test_beyond_adam.py compares with: needs all three, and jax.

python tests/store_beyond_runs.py

torch.optim.Muon multiplies its matrices in bfloat16, two or three digits. What is stored of it is its own code in
float64: `bfloat16` of a tensor is put out of action. Beside it stands one orthogonalization as it is.
"""

import json
from importlib.metadata import version
from pathlib import Path

import jax
import numpy as np
import optax
import schedulefree
import torch
from beyond_cases import STARTS, cases, make, walk
from torch.optim._muon import _zeropower_via_newtonschulz

jax.config.update("jax_enable_x64", True)
MUON = 3.4445, -4.7750, 2.0315


def of_torch(w, name, ours):
    """torch.optim's optimizer of the same rule, or schedulefree's."""
    if name == "AdaMax":
        return torch.optim.Adamax([w], lr=ours.lr, betas=(ours.beta1, ours.beta2), eps=ours.eps)
    if name == "NAdam":  # with so fast a decay its schedule of β₁ has come to its end in the first update
        settings = {"betas": (ours.beta1, ours.beta2), "eps": ours.eps, "momentum_decay": 1e9}
        return torch.optim.NAdam([w], lr=ours.lr, **settings)
    if name == "Adafactor":
        return torch.optim.Adafactor([w], lr=ours.lr)
    if name == "Muon":
        settings = {"momentum": ours.momentum, "weight_decay": ours.weight_decay, "ns_steps": ours.steps}
        return torch.optim.Muon([w], lr=ours.lr, nesterov=False, adjust_lr_fn="match_rms_adamw", **settings)
    if name == "ScheduleFreeSGD":
        optimizer = schedulefree.SGDScheduleFree([w], lr=ours.lr, momentum=ours.beta)
    else:
        settings = {"betas": (ours.beta, ours.beta2), "eps": ours.eps, "weight_decay": ours.weight_decay}
        optimizer = schedulefree.AdamWScheduleFree([w], lr=ours.lr, **settings)
    optimizer.train()
    return optimizer


def torch_update(shape, name, ours):
    tensor = torch.tensor(STARTS[shape], dtype=torch.float64, requires_grad=True)
    optimizer = of_torch(tensor, name, ours)

    def update(w, g):
        tensor.grad = torch.tensor(g, dtype=torch.float64)
        optimizer.step()
        w[...] = tensor.detach().numpy()

    return update


def optax_update(shape, name, ours):
    if name == "Lion":
        rule = optax.lion(ours.lr, b1=ours.beta1, b2=ours.beta2, weight_decay=ours.weight_decay)
    else:
        rule = optax.sign_sgd(ours.lr)
    state = rule.init(jax.numpy.asarray(STARTS[shape]))

    def update(w, g):
        nonlocal state
        change, state = rule.update(jax.numpy.asarray(g), state, jax.numpy.asarray(w))
        w += np.asarray(change)

    return update


if __name__ == "__main__":
    as_it_is = _zeropower_via_newtonschulz(torch.tensor(STARTS["wide"]), MUON, 5, 1e-7).double().tolist()
    torch.Tensor.bfloat16 = torch.Tensor.clone
    runs = {}
    for case, name, arguments, library, shape in cases():
        theirs = optax_update if library == "optax" else torch_update
        runs[case] = walk(shape, theirs(shape, name, make(name, arguments)))
        assert np.isfinite(runs[case]).all(), case
    lines = ",\n".join(f"{json.dumps(case)}: {json.dumps(points)}" for case, points in runs.items())
    versions = json.dumps({library: version(library).split("+")[0] for library in ("torch", "optax", "schedulefree")})
    target = Path(__file__).with_name("beyond_runs.json")
    target.write_text(f'{{"versions": {versions},\n"bfloat16": {json.dumps(as_it_is)},\n{lines}}}\n')
    print(f"{len(runs)} runs in {target.name}")
