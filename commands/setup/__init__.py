"""The set-up: an environment that holds what the locks say, on every machine that the README names.

Like tasks.py, which runs all this before there is an environment: the standard library only, and syntax that older
Pythons can read.
"""
