"""Bodies fitted to points in space: joints of motion capture, of many cameras, of other bodies."""
