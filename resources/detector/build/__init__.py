"""Makes the frozen networks' files from the packages that Google's networks are published in."""
