"""Notebooks as files: what of their outputs is kept, and how the server saves and opens them."""
