"""Videos and bursts: the strip of frames, playback, and carrying a body over to neighbours."""
