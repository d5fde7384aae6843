"""What the lessons share, in rooms. Imports go down this list only; data and what stands below the rooms use no room.

tutoring/   what a learner is asked, shown and told: exercises, their judge, predictions, the progress
live/       figures that follow the hand: their controls, trainings that are watched
drawing/    what is drawn once or with each frame: styles, pictures, surfaces, panels, histograms, digits
descent/    landscapes with known answers, trajectories on them, what theory says of both, sweeps of learning rates
networks/   layers, networks, their training, schedules, regularization, initial values
data/       the digits of MNIST, and results that took longer than a lesson may

words.py    numbers, points and sentences as people write them
files.py    files that are written whole or not at all
checks/     what arguments may be
"""
