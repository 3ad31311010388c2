"""Engines that award (``domain/awards/solution.py``): exact for small problems, by prices for large ones."""
