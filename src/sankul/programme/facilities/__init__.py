"""Instruments and services of the institutions: what there is, what it costs, who may use it."""
