"""Store PyTorch's losses and gradients of small networks: python tests/store_torch_network.py (needs torch)."""

import json
from pathlib import Path

import torch
from network_cases import LABELS, SIZES, X, cases

ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "ReLU": torch.relu}

if __name__ == "__main__":
    stored = {"torch": torch.__version__.split("+")[0]}
    for name, activation, params in cases():
        tensors = {key: torch.tensor(array, requires_grad=True) for key, array in params.items()}
        y = torch.tensor(X)
        for i in range(1, len(SIZES)):
            y = y @ tensors[f"W{i}"] + tensors[f"b{i}"]
            if i < len(SIZES) - 1:
                y = ACTIVATIONS[activation](y)
        loss = torch.nn.functional.cross_entropy(y, torch.tensor(LABELS))
        loss.backward()
        stored[name] = {"loss": loss.item()} | {key: tensor.grad.tolist() for key, tensor in tensors.items()}
    target = Path(__file__).with_name("torch_network.json")
    target.write_text(json.dumps(stored) + "\n")
    print(f"{len(stored) - 1} networks of torch {stored['torch']} in {target.name}")
