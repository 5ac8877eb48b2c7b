"""Tools of the workshop: they test and measure Firstline and are no part of it."""
