"""What a file or folder is that a user wants to import."""
