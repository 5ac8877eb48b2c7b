"""Firstline: answers customers, hands over to one person, logs the journey."""
