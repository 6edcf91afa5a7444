"""Texts and pictures as vectors: near things get near ones."""
