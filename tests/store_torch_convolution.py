"""Store PyTorch's convolutions and poolings: python tests/store_torch_convolution.py (needs torch)."""

import json
from pathlib import Path

import torch
from convolution_cases import cases, pools

if __name__ == "__main__":
    stored = {"torch": torch.__version__.split("+")[0]}
    for name, *arrays, padding, weights in cases():
        x, W, b = (torch.tensor(array, requires_grad=True) for array in arrays)
        y = torch.nn.functional.conv2d(x, W, b, padding=padding)
        (y * torch.tensor(weights)).sum().backward()
        stored[f"convolution, {name}"] = {
            "y": y.tolist(),
            "x": x.grad.tolist(),
            "W": W.grad.tolist(),
            "b": b.grad.tolist(),
        }
    for name, array, weights in pools():
        x = torch.tensor(array, requires_grad=True)
        y = torch.nn.functional.max_pool2d(x, 2)
        (y * torch.tensor(weights)).sum().backward()
        stored[f"pooling, {name}"] = {"y": y.tolist(), "x": x.grad.tolist()}
    target = Path(__file__).with_name("torch_convolution.json")
    target.write_text(json.dumps(stored) + "\n")
    print(f"{len(stored) - 1} cases of torch {stored['torch']} in {target.name}")
