"""Pictures: the look of the course, panels, curves, digits; numbers in, Matplotlib artists out."""
