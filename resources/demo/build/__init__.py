"""Makes the demo project that ships."""
