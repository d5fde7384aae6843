"""MNIST, and results that were stored."""
