"""Sankul: the open digital backbone of a science and technology cluster programme."""

__version__ = "0.1.0"
