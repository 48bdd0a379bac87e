"""What the operating system is asked for: processes, threads, installed packages."""
