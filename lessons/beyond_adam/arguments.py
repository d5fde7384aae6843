"""For the tests of arguments: words of the four slots."""

GOOD = {"experiments.walked": {"memory": "average", "direction": "as it is", "magnitude": "over √v̂", "decay": "empty"}}
