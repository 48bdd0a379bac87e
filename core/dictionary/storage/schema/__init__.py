"""The tables of ``dictionary.db``, a module for each version that changed them."""
