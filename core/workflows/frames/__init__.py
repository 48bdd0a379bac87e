"""Pictures that follow one another in time: who is who in them, and corrections carried over."""
