"""What is asked before a project or the window closes."""
