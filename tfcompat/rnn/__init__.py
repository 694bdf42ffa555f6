"""Recurrent networks: cells, and what runs a cell over time."""
