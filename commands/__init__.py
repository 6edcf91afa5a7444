"""What tasks.py runs: the set-up, and a module for each command."""
