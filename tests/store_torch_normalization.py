"""Store torch's BatchNorm1d for test_normalization.py: python tests/store_torch_normalization.py (needs torch)."""

import json
from pathlib import Path

import torch

if __name__ == "__main__":
    torch.manual_seed(0)
    n, features, eps, steps = 6, 4, 1e-5, 3
    layer = torch.nn.BatchNorm1d(features, eps=eps, momentum=0.1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.linspace(0.5, 2, features))
        layer.bias.copy_(torch.linspace(-1, 1, features))
    stored = {"torch": torch.__version__.split("+")[0], "eps": eps, "rho": 0.9}
    stored |= {"gamma": layer.weight.tolist(), "beta": layer.bias.tolist(), "steps": []}
    for step in range(steps + 1):
        layer.train(step < steps)  # the last one is a prediction
        x = (3 * torch.randn(n, features, dtype=torch.float64) + 2).requires_grad_()
        dy = torch.randn(n, features, dtype=torch.float64)
        layer.zero_grad()
        y = layer(x)
        y.backward(dy)
        values = {"x": x, "dy": dy, "y": y, "dx": x.grad, "dgamma": layer.weight.grad, "dbeta": layer.bias.grad}
        values |= {"mean": layer.running_mean, "var": layer.running_var}
        stored["steps"].append({"training": layer.training} | {k: v.detach().tolist() for k, v in values.items()})
    target = Path(__file__).with_name("torch_normalization.json")
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in stored.items())
    target.write_text(f"{{{lines}}}\n".replace('{"training"', '\n{"training"'))
    print(f"{steps} training steps and a prediction of torch {torch.__version__} in {target.name}")
