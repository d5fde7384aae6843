"""Live figures and their controls."""
