"""Loss surfaces, the theory of descent on them, and sweeps over learning rates; NumPy only."""
