"""Files that ship with the program, each with the script that made it."""
