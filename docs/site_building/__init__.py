"""What the documentation site is made with; nothing of it runs in the program."""
