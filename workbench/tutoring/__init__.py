"""Exercises, their checks, hints and predictions, and the learner's progress."""
