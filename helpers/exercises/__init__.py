"""Exercises: a check that answers each attempt with the hint it needs, and the reader's progress, kept on this machine.

`lesson_NN.py` has the checks of each lesson, `registry.py` the list of them all, `kinds.py` and `trial.py` what they
share; `checking.py` shows what a check says, `progress.py` what was solved, `watching.py` how cells are run.
"""
