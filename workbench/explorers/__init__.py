"""The live figures of the lessons, a file for each lesson that has some."""
