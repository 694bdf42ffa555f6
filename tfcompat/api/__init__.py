"""Public names only, one module per namespace; v1 and v2 are written by tools/generate_api.py."""
