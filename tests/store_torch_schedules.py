"""Store the schedules of torch that test_schedules.py compares with: tests/store_torch_schedules.py (needs torch)."""

import json
from pathlib import Path

import torch
from torch.optim import lr_scheduler

UPDATES, LR = 50, 0.3
SCHEDULES = {
    "step": lambda o: lr_scheduler.MultiStepLR(o, milestones=[10, 35], gamma=0.2),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.93),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=UPDATES, eta_min=0.03),
    "warmup": lambda o: lr_scheduler.LinearLR(o, start_factor=1 / 8, total_iters=7),
}


def learning_rates(make):
    """The learning rate of each update, as torch's optimizer had it."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler, lrs = make(optimizer), []
    for _ in range(UPDATES):
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return lrs


if __name__ == "__main__":
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(learning_rates(make))}" for name, make in SCHEDULES.items())
    target = Path(__file__).with_name("torch_schedules.json")
    target.write_text(f'{{"torch": "{torch.__version__.split("+")[0]}",\n{lines}}}\n')
    print(f"{len(SCHEDULES)} schedules of torch {torch.__version__} in {target.name}")
