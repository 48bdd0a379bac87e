"""Help in the window: the guide, the legend of symbols, the check of this machine, the tour."""
