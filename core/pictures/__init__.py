"""Pictures: headers, decoding, square crops, and finding files that moved."""
