"""The cameras of pictures: read from files and headers, typed in, given to a project."""
