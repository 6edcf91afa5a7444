"""Editions of the lessons to hand out, and slides."""
