"""Networks: layers, training, schedules, and what checks and measures them; NumPy only."""
