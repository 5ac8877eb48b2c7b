"""Measures how well intents are understood, on anybody's labelled messages."""
