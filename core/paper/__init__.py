"""The statements of the paper's four tables, checked on synthetic people whose truth is known."""
