"""What the lessons stand on: loss surfaces, theory, figures and live figures. Imports point to helpers, never back."""
