"""Starting, watching and stopping trainings."""
