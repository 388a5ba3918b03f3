"""Invoices of the hosts to those who used their facilities."""
