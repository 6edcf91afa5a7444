"""Exercises: a check that answers each attempt with the hint it needs, and the reader's progress, kept on this machine.

`core.py` has the machinery, `progress.py` what was solved, `lesson_NN.py` the checks of each lesson.
"""
