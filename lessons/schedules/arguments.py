"""For the tests of arguments: stored runs."""

from lessons.schedules.experiments import Stored, stored

OBJECTS = {Stored: stored}
GOOD = {"experiments.Stored.sharpness": {"update": 10}}
RELATIONS = {"experiments.Stored.sharpness": {"update": [11, 10**6]}}
