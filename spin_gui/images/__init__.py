"""Pictures and drawn bodies, prepared in the background and cached."""
